namespace StreamLearn.Models.Tests;

/// <summary>Layers that round as integers do, and let gradients through as if they did not.</summary>
public sealed class RoundedLayerTests
{
    [Fact]
    public void Activations_become_values_of_the_range_and_gradients_pass_inside_alone()
    {
        var layer = new RoundedActivations(0.25f);
        float[] inputs = [-5, -1, 0, 0.004f, 1, 2, 2.001f, 9];
        var made = new LayerCase(layer, new(8), 1) { Inputs = inputs };
        (made.Weights[0], made.Weights[1]) = (-1, 2);
        var (outputs, gradients, back) = (new float[8], new float[2], new float[8]);
        var scratch = new float[layer.Plan(new(8)).ScratchValues];
        layer.Forward(new() { Input = new(8), Rows = 1, Weights = made.Weights, Inputs = inputs, Outputs = outputs, Scratch = scratch });
        layer.Backward(new()
        {
            Input = new(8),
            Rows = 1,
            Weights = made.Weights,
            Inputs = inputs,
            OutputGradients = [1, 2, 3, 4, 5, 6, 7, 8],
            InputGradients = back,
            Gradients = gradients,
        });

        var step = 3f / 255;
        Assert.Equal([-85 * step, -85 * step, 0, 0, 85 * step, 170 * step, 170 * step, 170 * step], outputs);
        Assert.Equal([0, 2, 3, 4, 5, 6, 0, 0], back);
        Assert.Equal([-1 + (0.25f * (-5 + 1)), 2 + (0.25f * (9 - 2))], gradients);
    }

    [Fact]
    public void Values_pass_until_a_range_is_known_and_while_it_is_observed()
    {
        float[] inputs = [0.1f, -0.7f, 3];
        foreach (var (layer, high) in ((RoundedActivations, float)[])[(new(), 0), (new() { Observes = true }, 1)])
        {
            var outputs = new float[3];
            layer.Forward(new() { Input = new(3), Rows = 1, Weights = [0, high], Inputs = inputs, Outputs = outputs, Scratch = [0] });
            Assert.Equal(inputs, outputs);
        }
    }

    [Fact]
    public void A_row_with_NaN_stays_one_and_others_are_rounded()
    {
        var outputs = new float[4];
        new RoundedActivations().Forward(new()
        {
            Input = new(2),
            Rows = 2,
            Weights = [0, 255],
            Inputs = [float.NaN, 1, 1.2f, 300],
            Outputs = outputs,
            Scratch = new float[1],
        });
        Assert.Equal([float.NaN, float.NaN, 1, 255], outputs);
    }

    public static TheoryData<int> Places => [0, 1, 2];

    [Theory, MemberData(nameof(Places))]
    public void Weights_are_rounded_by_channel_once_and_for_all(int place)
    {
        var (inner, input) = new (Layer Layer, Shape Input)[]
        {
            (new Dense(5), new(7)), (new Conv1d(3, 4), new(2, 9)), (new DepthwiseConv2d(3), new(4, 5, 5)),
        }[place];
        var layer = new RoundedWeights(inner);
        var values = new LayerCase(layer, input).Weights;
        var channels = layer.Channels(input);
        var (rounded, again) = (new float[values.Length], new float[values.Length]);
        layer.Round(input, values, rounded);
        layer.Round(input, rounded, again);

        Assert.Equal(rounded, again);
        Assert.Equal(values[^channels..], rounded[^channels..]);
        Assert.NotEqual(values, rounded);
        for (var i = 0; i < values.Length - channels; i++)
        {
            var own = Enumerable.Range(0, values.Length - channels).Where(k => Channel(k) == Channel(i)).Max(k => Math.Abs(values[k]));
            Assert.InRange(Math.Abs(values[i] - rounded[i]), 0, own / 127 * 0.5001f);
        }

        int Channel(int k) => layer.IsChannelFirst ? k / ((values.Length - channels) / channels) : k % channels;
    }

    [Fact]
    public void Zeros_and_one_weight_have_scales()
    {
        var rounded = new float[4];
        new RoundedWeights(new Dense(2)).Round(new(1), [0, -3, 1, 2], rounded);
        Assert.Equal(0, rounded[0]);
        Assert.Equal(-3, rounded[1], 3e-4f);
    }

    [Fact]
    public void Other_layers_have_no_rounded_weights() =>
        Assert.Throws<ArgumentException>(() => new RoundedWeights(new Relu()).Plan(new(3)));
}
