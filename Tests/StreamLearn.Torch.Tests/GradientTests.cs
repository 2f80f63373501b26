using StreamLearn.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>Gradients of nine modules: those of our own network of the same values, or finite differences.</summary>
public sealed class GradientTests
{
    private static readonly Shape Signal = new(3, 16);
    private static readonly Shape Image = new(2, 6, 6);
    public static TheoryData<string> OfOurs => ["dense", "conv1d", "conv2d", "batch-norm", "layer-norm", "group-norm"];
    public static TheoryData<string> Others => ["lstm", "gru", "attention"];

    [Theory, MemberData(nameof(OfOurs))]
    public void Loss_gradient_and_statistics_are_those_of_our_network(string name)
    {
        var (network, module) = Pair(name);
        var torch = new TorchModel(name, network.Plan.Input, 4, module, new() { Seed = 5 });
        var (ours, theirs, memory) = (network.Initial.Values.ToArray(), torch.Initial.Values.ToArray(), new Workspace());
        Copy(torch, theirs, network, ours);
        var sample = Rows.Of(network.Plan.Input, 7, 4);
        float[] weights = [1, 2, 0.5f, 1, 0, 1, 3];
        var (a, b, expected) = (new float[ours.Length], new float[theirs.Length], new float[ours.Length]);
        var own = network.Loss(ours, sample.With(weights), a, memory);
        var loss = torch.Loss(theirs, sample.With(weights), b, memory);
        Assert.Equal(own, loss, 1e-5f);
        Copy(torch, b, network, expected);
        for (var i = 0; i < a.Length; i++) { Assert.Equal(a[i], expected[i], 2e-5f); }
    }

    [Theory, MemberData(nameof(Others))]
    public void Gradient_is_that_of_finite_differences(string name)
    {
        var torch = new TorchModel(name, Signal, 4, name switch
        {
            "lstm" => () => new LstmNet(3, 6, 4),
            "gru" => () => new GruNet(3, 6, 4),
            _ => () => new AttentionNet(3, 16, 4, width: 8, kernel: 3),
        });
        var (weights, memory, sample) = (torch.Initial.Values.ToArray(), new Workspace(), Rows.Of(Signal, 5, 4));
        var (gradient, unused) = (new float[weights.Length], new float[weights.Length]);
        torch.Loss(weights, sample.Sample, gradient, memory);
        const float step = 1e-2f;

        foreach (var slice in torch.Plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
        {
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i += Math.Max(1, slice.Length / 7))
            {
                var value = weights[i];
                weights[i] = value + step;
                var up = torch.Loss(weights, sample.Sample, unused, memory);
                weights[i] = value - step;
                var down = torch.Loss(weights, sample.Sample, unused, memory);
                weights[i] = value;
                Assert.Equal((up - down) / (2 * step), gradient[i], 2e-4f);     // second order in the step, and float32 losses
            }
        }
    }

    private static (Network Ours, Func<Module<Tensor, Tensor>> Module) Pair(string name) => name switch
    {
        "dense" => (Of(Signal, new StreamLearn.Models.Flatten(), new Dense(8), new StreamLearn.Models.Tanh()),
            () => Sequential(("f", Flatten()), ("a", Linear(48, 8)), ("t", Tanh()), ("b", Linear(8, 4)))),
        "conv1d" => (Of(Signal, new Conv1d(6, 5, 2, 2), new StreamLearn.Models.Relu(), new StreamLearn.Models.Flatten()),
            () => Sequential(("a", Conv1d(3, 6, 5, 2, 2)), ("r", ReLU()), ("f", Flatten()), ("b", Linear(48, 4)))),
        "conv2d" => (Of(Image, new Conv2d(4, 3), new StreamLearn.Models.Sigmoid(), new MaxPool2d(2), new StreamLearn.Models.Flatten()),
            () => Sequential(("a", Conv2d(2, 4, 3)), ("s", Sigmoid()), ("p", MaxPool2d(2)), ("f", Flatten()), ("b", Linear(16, 4)))),
        "batch-norm" => (Of(Signal, new Conv1d(6, 5), new BatchNorm(), new StreamLearn.Models.Relu(), new StreamLearn.Models.Flatten()),
            () => Sequential(("a", Conv1d(3, 6, 5)), ("n", BatchNorm1d(6)), ("r", ReLU()), ("f", Flatten()), ("b", Linear(72, 4)))),
        "layer-norm" => (Of(Signal, new StreamLearn.Models.Flatten(), new Dense(8), new StreamLearn.Models.LayerNorm(),
                new StreamLearn.Models.Tanh()),
            () => Sequential(("f", Flatten()), ("a", Linear(48, 8)), ("n", LayerNorm(8)), ("t", Tanh()), ("b", Linear(8, 4)))),
        _ => (Of(Signal, new Conv1d(6, 5), new StreamLearn.Models.GroupNorm(2), new StreamLearn.Models.Tanh(),
                new StreamLearn.Models.Flatten()),
            () => Sequential(("a", Conv1d(3, 6, 5)), ("n", GroupNorm(2, 6)), ("t", Tanh()), ("f", Flatten()), ("b", Linear(72, 4)))),
    };

    private static Network Of(Shape input, params Layer[] layers) => new(input, 4, [.. layers], [new(layers.Length - 1, new Dense(4))]);

    /// <summary>Copies values slice by slice, in order; what has several dimensions is [outputs, taps] there and [taps, outputs]
    /// here.</summary>
    private static void Copy(TorchModel torch, float[] from, Network network, float[] to)
    {
        foreach (var kind in (SliceKind[])[SliceKind.Trained, SliceKind.Statistic])
        {
            var shapes = torch.Form.Shapes;
            var theirs = torch.Plan.Slices.Select((s, i) => (Slice: s, Shape: shapes[i])).Where(p => p.Slice.Kind == kind);
            foreach (var ((slice, shape), own) in theirs.Zip(network.Plan.Slices.Where(s => s.Kind == kind)))
            {
                var source = slice.Of(from.AsSpan());
                var target = own.Of(to.AsSpan());
                var outputs = shape.Length > 1 ? shape[0] : slice.Length;
                var taps = slice.Length / outputs;
                for (var i = 0; i < slice.Length; i++) { target[(i % taps * outputs) + (i / taps)] = source[i]; }
            }
        }
    }
}
