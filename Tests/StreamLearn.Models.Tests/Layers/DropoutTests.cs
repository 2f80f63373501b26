namespace StreamLearn.Models.Tests;

public sealed class DropoutTests
{
    [Fact]
    public void The_mask_is_a_function_of_the_key_alone()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 300)];
        Assert.Equal(Dropped(ones, 5, 0.4f), Dropped(ones, 5, 0.4f));
        Assert.NotEqual(Dropped(ones, 5, 0.4f), Dropped(ones, 6, 0.4f));
        Assert.Equal(
            Dropped(ones, 5, 0.4f).Select(y => y == 0), Dropped([.. ones.Select((_, i) => i - 500f)], 5, 0.4f).Select(y => y == 0));
        Assert.Equal(Dropped(ones, 5, 0.4f, rows: 2)[..150], Dropped(ones[..150], 5, 0.4f));     // of the row's place, not of the rows
    }

    [Fact]
    public void Rows_have_masks_of_their_own()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 300)];
        Assert.NotEqual(Dropped(ones, 5, 0.4f, rows: 2)[..150], Dropped(ones, 5, 0.4f, rows: 2)[150..]);
    }

    [Fact]
    public void About_the_rate_is_dropped_and_the_rest_makes_up_for_it()
    {
        var outputs = Dropped([.. Enumerable.Repeat(1f, 10_000)], 9, 0.3f);
        Assert.InRange(outputs.Count(y => y == 0), 2800, 3200);     // four deviations of √(n · 0.3 · 0.7) = 46
        Assert.All(outputs, y => Assert.True(y is 0 or (1 / (1 - 0.3f))));
    }

    [Fact]
    public void Gradients_pass_where_values_passed()
    {
        var it = new LayerCase(new Dropout(0.5f), new(3, 33));
        Array.Fill(it.Inputs, 1);
        var outputs = it.Forward(0, it.Count).Outputs;
        var inputGradients = it.Backward(0, it.Count, []);
        Assert.Equal(outputs.Zip(it.OutputGradients, (y, g) => y * g), inputGradients);
    }

    [Fact]
    public void What_is_dropped_is_zero_even_where_it_was_not_a_number()
    {
        var outputs = Dropped([.. Enumerable.Repeat(float.NaN, 200)], 3, 0.5f);
        Assert.Contains(outputs, y => y == 0);
        Assert.Contains(outputs, float.IsNaN);
    }

    [Fact]
    public void Inference_changes_nothing()
    {
        var it = new LayerCase(new Dropout(0.5f), new(3, 33));
        Assert.Equal(it.Inputs, it.Forward(0, it.Count, taped: false).Outputs);
    }

    [Fact]
    public void Batches_of_a_network_draw_new_masks()
    {
        var network = new Network(new Shape(64), 2, [new Dropout(0.5f)], [new(0, new Dense(2))], seed: 3);
        float Loss(long number)
        {
            float[] features = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];
            var sample = new Sample(features, [1]) { Number = number };
            return network.Loss(network.Initial.Values.AsSpan(), sample, new float[network.Plan.Values], new Workspace());
        }
        Assert.Equal(Loss(4), Loss(4));
        Assert.NotEqual(Loss(4), Loss(5));
    }

    private static float[] Dropped(float[] inputs, ulong key, float rate, int rows = 1)
    {
        var (layer, shape) = (new Dropout(rate), new Shape(inputs.Length / rows));
        var outputs = new float[inputs.Length];
        layer.Forward(new()
        {
            Input = shape,
            Rows = rows,
            Training = true,
            RandomKey = key,
            Inputs = inputs,
            Outputs = outputs,
            Tape = new float[rows * layer.Plan(shape).TapeValues],
        });
        return outputs;
    }
}
