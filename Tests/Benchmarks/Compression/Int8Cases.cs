using StreamLearn.Compression;

namespace Benchmarks;

/// <summary>Answers with integers of 8 bits beside our own float32, of networks that are nearly one layer. The contender's name says which
/// vectors multiply.</summary>
internal static class Int8Cases
{
    private const double Seconds = 0.15;        // of a repeat
    private const float Apart = 0.01f;          // of probabilities: ties round to even there

    internal static IEnumerable<Case> All =>
    [
        Of("int8.dense.1024.1row", Dense(), 1), Of("int8.dense.1024.32rows", Dense(), 32),
        Of("int8.conv1d.64.1row", Conv1d(), 1), Of("int8.conv1d.64.32rows", Conv1d(), 32),
    ];

    private static Case Of(string name, Network network, int rows)
    {
        var random = new RandomStream(1, name);
        float[] features = [.. Enumerable.Range(0, rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        var exact = new LoadedModel(network, network.Initial, ModelCard.Empty);
        var small = new Lazy<LoadedModel>(() => exact.Quantize(new StreamLearn.Models.Sample(features, rows)));
        return new(name, "us/row",
            new($"int8.{Int8Network.Vectors}", TrainRun.Lazily(() => Asked(small.Value, features, rows), Take)),
            new Contender("float32", TrainRun.Lazily(() => Asked(exact, features, rows), Take)),
            new Contender($"{OnnxPeer.Name}.int8", TrainRun.Lazily(() => Other(small.Value, features, rows), Take)));
    }

    private static Sample Take(Action<int> asked)
    {
        var times = Measurement.Times(Seconds, count =>
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            asked(count);
            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        var sample = Measurement.NanosecondsPer(times, () => asked(times));
        return sample with { Value = sample.Value / 1000, CpuValue = sample.CpuValue / 1000 };
    }

    /// <summary>Asks for the rows, until so many rows were answered, and once at least.</summary>
    private static Action<int> Asked(LoadedModel model, float[] features, int rows)
    {
        var (outputs, memory) = (new float[rows * model.Model.Plan.Outputs], new Workspace());
        var values = model.Model.Plan.Aligned(model.Weights.Values.AsSpan());
        return count =>
        {
            for (var i = 0; i < count; i += rows) { model.Model.Infer(model.Weights, values.Span, new(features, rows), outputs, memory); }
        };
    }

    /// <summary>The same rounded network, asked of ONNX Runtime.</summary>
    private static Action<int> Other(LoadedModel small, float[] features, int rows)
    {
        var peer = new OnnxPeer(((Int8Network)small.Model).Rounded, small.Weights, features, rows);
        peer.Compare(small.Model, small.Weights, features, Apart);
        return count =>
        {
            for (var i = 0; i < count; i += rows) { peer.Ask(0); }
        };
    }

    private static Network Dense() =>
        new(new(1024), 10, [new Dense(1024), new Relu(), new Dense(1024), new Relu()], [new(3, new Dense(10))]);

    private static Network Conv1d() => new(new(64, 128), 10,
        [new Conv1d(64, 5), new Relu(), new Conv1d(64, 5), new Relu(), new MaxPool1d(4)], [new(4, new Dense(10))]);
}
