namespace StreamLearn.Models.Tests;

public sealed class BatchNormTests
{
    public static TheoryData<int> Norms =>
        [.. Enumerable.Range(0, LayerCase.All.Count).Where(place => LayerCase.All[place].Layer is BatchNorm)];

    [Theory, MemberData(nameof(Norms))]
    public void Running_statistics_move_toward_the_mean_and_the_unbiased_variance_of_the_batch(int place)
    {
        var it = LayerCase.At(place);
        var (momentum, channels, samples) = (((BatchNorm)it.Layer).Momentum, it.Input.Channels, it.Input.Samples);
        float[] gradients = [.. it.Weights];
        it.Backward(0, it.Count, gradients);
        for (var c = 0; c < channels; c++)
        {
            double[] values = [.. Enumerable.Range(0, it.Count).SelectMany(r => it.Row(r)[(c * samples)..((c + 1) * samples)])];
            var mean = values.Average();
            var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
            Assert.Equal(((1 - momentum) * it.Weights[(2 * channels) + c]) + (momentum * mean), gradients[(2 * channels) + c], 1e-6);
            Assert.Equal(((1 - momentum) * it.Weights[(3 * channels) + c]) + (momentum * variance), gradients[(3 * channels) + c], 1e-6);
        }
    }

    [Theory, MemberData(nameof(Norms))]
    public void A_batch_has_mean_zero_and_variance_one_before_gain_and_bias(int place)
    {
        var it = LayerCase.At(place);
        var (channels, samples) = (it.Input.Channels, it.Input.Samples);
        it.Weights.AsSpan(0, channels).Fill(1);
        it.Weights.AsSpan(channels, channels).Clear();
        var outputs = it.Forward(0, it.Count).Outputs;
        for (var c = 0; c < channels; c++)
        {
            double[] values = [.. from r in Enumerable.Range(0, it.Count)
                                  from t in Enumerable.Range(0, samples)
                                  select (double)outputs[(r * it.Input.Size) + (c * samples) + t]];
            Assert.Equal(0, values.Average(), 1e-6);
            Assert.InRange(values.Average(value => value * value), 0.98, 1);    // the epsilon takes a little
        }
    }

    [Theory, MemberData(nameof(Norms))]
    public void Inference_goes_by_the_running_statistics(int place)
    {
        var it = LayerCase.At(place);
        var outputs = it.Forward(0, it.Count, taped: false).Outputs;
        var weights = Array.ConvertAll(it.Weights, w => (double)w);
        double[] expected = [.. Enumerable.Range(0, it.Count)
            .SelectMany(r => Naive.Forward(it.Layer, it.Input, weights, Array.ConvertAll(it.Row(r), x => (double)x)))];
        for (var i = 0; i < expected.Length; i++) { Assert.Equal(expected[i], outputs[i], 3e-6 * (1 + Math.Abs(expected[i]))); }
    }

    [Fact]
    public void A_single_value_gives_the_bias_and_teaches_a_mean_but_no_variance()
    {
        var it = new LayerCase(new BatchNorm(), new(3), rows: 1);
        var gradients = new float[12];
        Assert.Equal(it.Weights[3..6], it.Forward(0, 1).Outputs);
        it.Backward(0, 1, gradients);
        Assert.Equal(it.Weights[9..], gradients[9..]);
        for (var c = 0; c < 3; c++) { Assert.Equal((0.9 * it.Weights[6 + c]) + (0.1 * it.Inputs[c]), gradients[6 + c], 1e-6); }
    }

    [Fact]
    public void A_large_mean_does_not_hide_the_variance()
    {
        var it = new LayerCase(new BatchNorm(), new(1, 64));
        for (var i = 0; i < it.Inputs.Length; i++) { it.Inputs[i] = 4096 + (i % 2); }
        (it.Weights[0], it.Weights[1]) = (1, 0);
        Assert.All(it.Forward(0, it.Count).Outputs, output => Assert.Equal(1, Math.Abs(output), 1e-4));     // 1/√(1/4 + 1e-5) · ½
    }

    [Fact]
    public void Steps_of_a_network_leave_their_statistics_in_the_weights()
    {
        var network = new Network(new Shape(2, 4), 2, [new BatchNorm(), new Relu()], [new(1, new Dense(2))], seed: 3);
        var (weights, memory) = (network.Initial.Values.ToArray(), new Workspace());
        float[] features = [1, 2, 3, 4, 0, 0, 1, 1, 5, 6, 7, 8, 1, 1, 0, 0];
        var gradients = new float[weights.Length];
        network.Step(weights, new Sample(features, [0, 1]), new Sgd(0.1f), new float[weights.Length], 1, gradients, memory);
        var mean = network.Plan.Slices.Single(slice => slice.Name.EndsWith("batch-norm.mean", StringComparison.Ordinal));
        var seen = mean.Of((ReadOnlySpan<float>)weights);
        Assert.Equal(0.45, seen[0], 1e-6);
        Assert.Equal(0.05, seen[1], 1e-6);
    }
}
