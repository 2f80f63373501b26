using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>Networks that answer with integers, in another runtime: pairs of quantizing nodes.</summary>
public sealed class RoundedSaveTests
{
    [Fact]
    public void Another_runtime_gives_the_answers_of_rounded_layers()
    {
        const int Rows = 40;
        var network = new Network(new(3, 20), 4,
            [
                new RoundedActivations(), new RoundedWeights(new Conv1d(6, 3, 1, 1)), new Relu(), new RoundedActivations(),
                new RoundedWeights(new DepthwiseConv1d(3)), new Relu(), new RoundedActivations(), new MaxPool1d(2), new Flatten(),
            ],
            [new(8, new RoundedWeights(new Dense(4)))], seed: 3);
        var values = network.Initial.Values.ToArray();
        foreach (var slice in network.Plan.Slices.Where(static s => s.Kind == SliceKind.Statistic))
        {
            slice.Of(values.AsSpan())[0] = slice.Name.EndsWith("low", StringComparison.Ordinal) ? (slice.Offset == 0 ? -3 : 0) : 3;
        }
        var random = new RandomStream(4, "rows");
        float[] rows = [.. Enumerable.Range(0, Rows * 60).Select(_ => (float)random.NextGaussian())];
        var (weights, answers) = (network.Initial with { Values = [.. values] }, new float[Rows * 4]);
        new Int8Network(network).Infer(weights, values, new(rows, Rows), answers, new());
        var file = OtherRuntime.Saved(network, weights);

        OtherRuntime.AssertClose(OtherRuntime.Here(network, weights, rows), answers, 0.001f);
        // ties round to even there, and sums of two products saturate where the processor has no VNNI
        OtherRuntime.AssertClose(answers, OtherRuntime.Answers(file, rows, 60), 0.03f);
        Assert.Contains("QuantizeLinear", System.Text.Encoding.Latin1.GetString(file), StringComparison.Ordinal);
        var run = OtherRuntime.Optimized(file);
        Assert.Contains("QLinearConv", run, StringComparison.Ordinal);
        Assert.Contains("QGemm", run, StringComparison.Ordinal);
    }
}
