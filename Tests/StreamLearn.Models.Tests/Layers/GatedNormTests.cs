namespace StreamLearn.Models.Tests;

/// <summary>A batch norm that does the work of the ReLU after it, against the two layers by themselves.</summary>
public sealed class GatedNormTests
{
    private const int Rows = 6;

    /// <summary>Channels, height, width: vectors with and without a rest, one value a channel, an image.</summary>
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 5, 1, 1 }, { 37, 1, 1 }, { 3, 1, 7 }, { 2, 1, 45 }, { 4, 8, 8 }, { 20, 3, 3 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Steps_and_answers_are_those_of_two_layers_to_the_bit(int channels, int height, int width)
    {
        var (flat, merged) = Pair(new(channels, height, width));
        var (features, labels) = Data(flat, static (_, value) => value);
        var (expected, expectedAnswers) = Trained(flat, features, labels);
        var (weights, answers) = Trained(merged, features, labels);
        Same(expected, weights);
        Same(expectedAnswers, answers);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void What_is_no_number_is_told_on_as_by_two_layers(int channels, int height, int width)
    {
        var (flat, merged) = Pair(new(channels, height, width));
        var (features, labels) = Data(flat, static (i, value) => i % 11 == 3 ? float.NaN : i % 13 == 5 ? float.NegativeInfinity : value);
        var weights = Weights(flat);
        float[] one = new float[Rows * 2], two = new float[Rows * 2];
        float[] expected = new float[weights.Length], gradients = new float[weights.Length];
        flat.Infer(weights, new(features, labels), one, new());
        merged.Infer(weights, new(features, labels), two, new());
        flat.Loss(weights, new(features, labels), expected, new());
        merged.Loss(weights, new(features, labels), gradients, new());
        Assert.Equal(one.Select(float.IsNaN), two.Select(float.IsNaN));
        Assert.Contains(one, float.IsNaN);
        Assert.Equal(expected.Select(float.IsFinite), gradients.Select(float.IsFinite));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Exactly_zero_lets_no_gradient_through(int channels, int height, int width)
    {
        var (flat, merged) = Pair(new(channels, height, width));
        var weights = Weights(flat);
        foreach (var slice in flat.Plan.Slices)
        {
            if (slice.Name is "1.batch-norm.gain" or "1.batch-norm.bias") { slice.Of(weights.AsSpan()).Clear(); }
        }

        var (features, labels) = Data(flat, static (_, value) => value);
        var (tape, between) = (new Tape(), new float[features.Length]);
        Array.Fill(between, float.NaN);
        merged.Forward(weights, 0, merged.Layers.Length, features, Rows, tape);
        merged.ExitLosses(tape, labels, []);
        var gradients = new float[weights.Length];
        merged.Backward(weights, tape, [], gradients, between);
        Assert.All(between, value => Assert.Equal(0, value));
        var bias = merged.Plan.Slices.Single(s => s.Name.EndsWith("batch-norm.bias", StringComparison.Ordinal));
        Assert.All(bias.Of(gradients.AsSpan()).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void What_comes_before_the_relu_is_not_gated()
    {
        var (flat, _) = Pair(new(4, 1, 9));
        var tanh = new Network(new(4, 1, 9), 2, [new Sequential(new BatchNorm(), new Tanh())], [new(0, new Dense(2))]);
        var (features, _) = Data(flat, static (_, value) => value);
        Assert.Contains(Following(flat, 2), value => value < 0);
        Assert.DoesNotContain(Following(flat, 3), value => value < 0);
        Assert.Contains(Following(tanh, 1), value => value < 0);

        float[] Following(Network network, int layers)
        {
            var outputs = new float[features.Length];
            network.Passes.Trunk(network.Initial.Values.AsSpan(), 0, layers, features, Rows, outputs, new());
            return outputs;
        }
    }

    private static (Network Flat, Network Fused) Pair(Shape input)
    {
        ImmutableArray<Layer> layers = [new Scale(), new BatchNorm(), new Relu(), new Flatten(), new Dense(5)];
        return (new(input, 2, layers, [new(4, new Dense(2))], seed: 7),
            new(input, 2, [layers[0], new Sequential(layers[1..3]), .. layers[3..]], [new(3, new Dense(2))], seed: 7));
    }

    private static float[] Weights(Network network)
    {
        var (weights, random) = (network.Initial.Values.ToArray(), new RandomStream(9, "gated-norm"));
        foreach (var slice in network.Plan.Slices)
        {
            if (!slice.Name.Contains("batch-norm.gain", StringComparison.Ordinal)
                && !slice.Name.Contains("batch-norm.bias", StringComparison.Ordinal)) { continue; }
            foreach (ref var value in slice.Of(weights.AsSpan())) { value = (float)random.NextGaussian(); }      // below zero too
        }
        return weights;
    }

    private static (float[] Features, int[] Labels) Data(Network network, Func<int, float, float> change)
    {
        var random = new RandomStream(8, "gated-norm-data");
        return ([.. Enumerable.Range(0, Rows * network.Plan.Input.Size).Select(i => change(i, (float)random.NextGaussian()))],
            [.. Enumerable.Range(0, Rows).Select(r => r % 2)]);
    }

    private static (float[] Weights, float[] Answers) Trained(Network network, float[] features, int[] labels)
    {
        var (weights, optimizer, memory) = (Weights(network), new Sgd(0.1f, 0.9f), new Workspace());
        float[] state = new float[weights.Length], gradients = new float[weights.Length], answers = new float[Rows * 2];
        for (var step = 1; step <= 4; step++) { network.Step(weights, new(features, labels), optimizer, state, step, gradients, memory); }
        network.Infer(weights, new(features, labels), answers, memory);
        return (weights, answers);
    }
}
