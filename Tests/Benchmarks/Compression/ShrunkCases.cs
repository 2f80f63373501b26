using System.Numerics.Tensors;
using StreamLearn.Compression;

namespace Benchmarks;

/// <summary>Pruned and binary networks beside the dense ones in float32 that they come from.</summary>
internal static class ShrunkCases
{
    private const int DotValues = 4096;
    private const int RowsOfARepeat = 16_384;

    /// <summary>AT-8h: not slower at 90 % zeros, 1.6 times as fast with half of the units. AT-8c: 4 times as fast a product.</summary>
    internal static IEnumerable<Case> All =>
    [
        .. from rows in new[] { 1, 32 }
           from share in new[] { 0.9f, 0.95f }
           select Of($"sparse.{share * 100:0}.mlp.rows-{rows}", rows, Mlp.Prune(share), Mlp),
        .. from rows in new[] { 1, 32 } select Of($"units.50.mlp.rows-{rows}", rows, Mlp.PruneUnits(0.5f), Mlp),
        .. from rows in new[] { 1, 32 } select Of($"binary.4096x256.rows-{rows}", rows, Layer(new LowBitDense(256)), Layer(new Dense(256))),
        new("binary.dot-4096", "ns/dot", new("streamlearn", BinaryDots), new Contender("streamlearn.float", FloatDots),
            new Contender("tensor-primitives", TensorDots)),
    ];

    private static LoadedModel Mlp => field ??= Start(ReferenceModels.Mlp(GlyphDigits.Pixels, [64, 256, 256], GlyphDigits.Classes, 1));
    private static LoadedModel Start(Network network) => new(network, network.Initial, ModelCard.Empty);
    private static LoadedModel Layer(Layer layer) => Start(new(new(DotValues), 2, [layer], [new(0, new Dense(2))], 1));

    private static Case Of(string name, int rows, LoadedModel small, LoadedModel whole) => new(name, "us/row",
        new("streamlearn", () => Infer(new PackedNetwork((Network)small.Model), small.Weights, rows)),
        new Contender("streamlearn.dense", () => Infer(whole.Model, whole.Weights, rows)));

    private static Sample Infer(IModel model, Weights weights, int rows)
    {
        var (inputs, outputs, memory) = (Values(rows * model.Plan.Input.Size), new float[rows * model.Plan.Outputs], new Workspace());
        var values = model.Plan.Aligned(weights.Values.AsSpan());
        for (var i = 0; i < 50; i++) { model.Infer(weights, values.Span, new(inputs, rows), outputs, memory); }
        return Measurement.NanosecondsPer(1_000L * RowsOfARepeat, () =>
        {
            for (var i = 0; i < RowsOfARepeat; i += rows) { model.Infer(weights, values.Span, new(inputs, rows), outputs, memory); }
        });
    }

    private static Sample BinaryDots()
    {
        const int Times = 1_000_000;
        var words = BinaryDot.Words(DotValues);
        var (left, right, sum) = (new ulong[words], new ulong[words], 0L);
        BinaryDot.Pack(Values(DotValues), left);
        BinaryDot.Pack(Values(DotValues + 1).AsSpan(1), right);
        return Measurement.NanosecondsPer(Times, () =>
        {
            for (var i = 0; i < Times; i++) { sum += BinaryDot.Of(left, right, DotValues); }
            GC.KeepAlive(sum);
        });
    }

    private static Sample FloatDots()
    {
        const int Times = 100_000;
        var layer = new Dense(1);
        var plan = layer.Plan(new(DotValues));
        var (inputs, weights, outputs) = (Values(DotValues), Values(plan.Values), new float[1]);
        var scratch = new float[plan.ScratchValues + plan.ScratchValuesPerRow];
        return Measurement.NanosecondsPer(Times, () =>
        {
            for (var i = 0; i < Times; i++)
            {
                layer.Forward(new()
                {
                    Input = new(DotValues),
                    Rows = 1,
                    Weights = weights,
                    Inputs = inputs,
                    Outputs = outputs,
                    Scratch = scratch,
                });
            }
        });
    }

    private static Sample TensorDots()
    {
        const int Times = 100_000;
        var (left, right, sum) = (Values(DotValues), Values(DotValues), 0f);
        return Measurement.NanosecondsPer(Times, () =>
        {
            for (var i = 0; i < Times; i++) { sum += TensorPrimitives.Dot<float>(left, right); }
            GC.KeepAlive(sum);
        });
    }

    /// <summary>Half of them are below 0, none is 0.</summary>
    private static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) % 1000 / 500f) - 0.999f)];
}
