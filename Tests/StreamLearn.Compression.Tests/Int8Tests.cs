using System.Collections.Immutable;

namespace StreamLearn.Compression.Tests;

/// <summary>Networks that answer with integers, beside the same in rounded float32.</summary>
public sealed class Int8Tests(ITestOutputHelper output)
{
    public static TheoryData<string> Networks => ["dense", "conv1d", "conv2d", "depthwise", "norms", "one", "value"];

    [Theory, MemberData(nameof(Networks))]
    public void Integers_give_what_rounded_values_give(string name)
    {
        var (model, rows, count) = Made(name);
        var small = model.Quantize(new Sample(rows, count));
        var integers = Answers(small.Model, small, rows, count);
        var simulated = Answers(((Int8Network)small.Model).Rounded, small, rows, count);
        var exact = Answers(model.Model, model, rows, count);
        var far = integers.Zip(simulated, static (a, b) => Math.Abs(a - b)).Max();
        var lost = integers.Zip(exact, static (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine(FormattableString.Invariant($"{name}: {far} from the simulated answers, {lost} from those of float32"));
        Assert.InRange(far, 0, 0.02f);
        Assert.InRange(lost, 0, 0.01f);         // a norm folded with a wrong mean is above it
        Assert.NotEqual(exact, integers);
    }

    internal static float[] Answers(IModel model, LoadedModel loaded, float[] rows, int count)
    {
        var outputs = new float[count * model.Plan.Outputs];
        model.Infer(loaded.Weights.Values.AsSpan(), new(rows, count), outputs, new());
        return outputs;
    }

    internal static (LoadedModel Model, float[] Rows, int Count) Made(string name)
    {
        var network = Of(name);
        var random = new RandomStream(3, name);
        var values = network.Initial.Values.ToArray();
        foreach (var slice in network.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Statistic && !slice.Name.EndsWith(".gain", StringComparison.Ordinal)) { continue; }
            var most = slice.Name.EndsWith(".mean", StringComparison.Ordinal) ? 3 : 0.3f;
            foreach (ref var value in slice.Of(values.AsSpan())) { value += most * (float)random.NextDouble(0, 1); }
        }

        const int Rows = 101;
        float[] rows = [.. Enumerable.Range(0, Rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        return (new(network, network.Initial with { Values = [.. values] }, ModelCard.Empty), rows, Rows);
    }

    private static Network Of(string name) => name switch
    {
        "dense" => Line(new(37), 5, new Scale(), new Dense(70), new Relu(), new Dense(33), new Relu(), new Dense(5)),
        "conv1d" => Line(new(3, 50), 4, new Conv1d(9, 5, 2, 2), new BatchNorm(), new Relu(), new MaxPool1d(2),
            new Conv1d(20, 3, 1, Padding.Same), new Relu(), new GlobalMean(), new Dense(4)),
        "conv2d" => Line(new(2, 11, 13), 4, new Conv2d(6, 3, 1, Padding.Same), new Relu(), new MaxPool2d(3, 2, 1), new Conv2d(17, 3, 2),
            new Relu(), new Flatten(), new Dense(12), new Relu(), new Dense(4)),
        "depthwise" => Line(new(3, 9, 9), 4, new Conv2d(8, 3), new Relu(), new DepthwiseConv2d(3, 1, 1), new BatchNorm(), new Relu(),
            new Conv2d(8, 1), new Relu(), new AveragePool2d(2), new Flatten(), new Dense(4)),
        "norms" => Line(new(4, 40), 4, new Scale(), new Conv1d(16, 5, 2, 2), new GroupNorm(2), new Relu(), new Conv1d(8, 3),
            new LocalResponseNorm(2), new Dropout(0.3f), new GlobalMeanMax(), new Dense(4)),
        "one" => Line(new(1), 2, new Dense(1), new Relu(), new Dense(2)),
        _ => new(new(6), 1, [new Dense(20), new Relu()], [new(1, new Dense(1))], 2, default, new SquaredError()),
    };

    private static Network Line(Shape input, int classes, params ImmutableArray<Layer> layers) =>
        new(input, classes, layers[..^1], [new(layers.Length - 2, layers[^1])], seed: 2);
}
