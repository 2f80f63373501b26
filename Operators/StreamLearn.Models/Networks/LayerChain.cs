using System.Runtime.InteropServices;

namespace StreamLearn.Models;

internal sealed class LayerChain
{
    internal LayerChain(Shape input, ImmutableArray<Layer> layers)
    {
        if (layers.IsDefaultOrEmpty) { throw new ArgumentException("expected at least one layer, got none", nameof(layers)); }
        Layers = layers;
        Fused = [.. layers.Select((layer, i) => (i + 1 < layers.Length ? layer.Fused(layers[i + 1]) : null) ?? layer)];
        var (plans, boundaries, offsets) = (new LayerPlan[layers.Length], new Shape[layers.Length + 1], new int[layers.Length + 1]);
        boundaries[0] = input;
        for (var i = 0; i < layers.Length; i++)
        {
            plans[i] = Plan(Fused[i], boundaries[i], $"layer {i}");
            boundaries[i + 1] = plans[i].Output;
            offsets[i + 1] = ModelPlan.Sum(offsets[i], plans[i].Values);
        }

        Plans = ImmutableCollectionsMarshal.AsImmutableArray(plans);
        Boundaries = ImmutableCollectionsMarshal.AsImmutableArray(boundaries);
        Offsets = ImmutableCollectionsMarshal.AsImmutableArray(offsets);
    }

    private LayerChain(LayerChain source, ImmutableArray<LayerPlan> plans) =>
        (Layers, Fused, Plans, Boundaries, Offsets) = (source.Layers, source.Fused, plans, source.Boundaries, source.Offsets);

    internal ImmutableArray<Layer> Layers { get; }

    /// <summary>Fused layers, for runs that need no boundaries.</summary>
    internal ImmutableArray<Layer> Fused { get; }

    internal ImmutableArray<LayerPlan> Plans { get; }

    /// <summary>[i] is the input of layer i, the last the output.</summary>
    internal ImmutableArray<Shape> Boundaries { get; }

    /// <summary>[i] is the first value of layer i, the last the total.</summary>
    internal ImmutableArray<int> Offsets { get; }

    /// <summary>Layers below this index run as in inference, also during training, because none of them is trained.</summary>
    internal int Inferred { get; private init; }

    internal LayerChain Masked(Func<int, string, bool> learns, bool isLowest)
    {
        var masked = new LayerChain(this, [.. Layers.Select((_, i) => Plan(i, false))]);
        var lowest = masked.FirstTrained(0, Layers.Length);
        if (!isLowest || lowest == Layers.Length) { return masked; }
        return new(this, masked.Plans.SetItem(lowest, Plan(lowest, true))) { Inferred = lowest };

        LayerPlan Plan(int layer, bool isLowest) =>
            Layers[layer].Masked(Plans[layer], Boundaries[layer], name => learns(layer, name), isLowest);
    }

    internal static LayerPlan Plan(Layer? layer, Shape input, string place)
    {
        try
        {
            LayerPlan.Check(input);
            return layer?.Plan(input) ?? throw new ArgumentException("expected a layer, got null");
        }
        catch (Exception problem) when (problem is ArgumentException or OverflowException)
        {
            var reason = problem is OverflowException ? $"expected at most {Array.MaxLength} values, got more" : problem.Message;
            throw new ArgumentException($"{place} ({layer}) on {input}: {reason}", problem);
        }
    }

    /// <summary>Returns the first trained layer of a range; its end if none is trained.</summary>
    internal int FirstTrained(int from, int to)
    {
        while (from < to && !Plans[from].Has(SliceKind.Trained)) { from++; }
        return from;
    }

    internal int Following(int layer) => ReferenceEquals(Fused[layer], Layers[layer]) ? layer + 1 : layer + 2;

    internal bool IsFusedIntoPrevious(int layer) => layer > 0 && Following(layer - 1) > layer;

    internal bool NeedsBatchStatistics(int layer) => layer >= Inferred && Plans[layer].NeedsBatchStatistics;

    internal long BackwardMultiplyAdds(bool inputs)
    {
        var (sum, lowest) = (0L, inputs ? 0 : FirstTrained(0, Layers.Length));
        for (var i = lowest; i < Layers.Length; i++) { sum += Plans[i].BackwardMultiplyAdds(inputs || i > lowest); }
        return sum;
    }

    internal int Widest(int from, int to)
    {
        var widest = 0;
        for (var i = from; i <= to; i++) { widest = Math.Max(widest, Boundaries[i].Size); }
        return widest;
    }

    internal int Scratch(int from, int to, int rows)
    {
        var scratch = 0;
        for (var i = from; i < to; i++) { scratch = Math.Max(scratch, Plans[i].Scratch(rows)); }
        return scratch;
    }

    internal int SharedScratch(int rows, int rowsOfStream)
    {
        var scratch = 0;
        for (var i = 0; i < Layers.Length; i++)
        {
            var some = Plans[i].Streams ? Math.Min(rows, rowsOfStream) : rows;
            scratch = Math.Max(scratch, Layers[i].SharedScratch(Plans[i], Boundaries[i], some));
        }

        return scratch;
    }

    internal Span<float> Of(int layer, Span<float> values) => values.Slice(Offsets[layer], Plans[layer].Values);

    internal ReadOnlySpan<float> Of(int layer, ReadOnlySpan<float> values) => values.Slice(Offsets[layer], Plans[layer].Values);

    /// <summary>Runs inference on layers [from, to). Needs memory for 2 × rows × widest + scratch values.</summary>
    internal void Infer(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Span<float> outputs,
        Span<float> memory)
    {
        var widest = rows * Widest(from, to);
        var scratch = memory[(2 * widest)..];
        for (int i = from, buffer = 0; i < to; buffer = 1 - buffer)
        {
            var (layer, next) = Following(i) <= to ? (Fused[i], Following(i)) : (Layers[i], i + 1);
            var results = (next == to ? outputs : memory.Slice(buffer * widest, widest))[..(rows * Boundaries[next].Size)];
            layer.Forward(new()
            {
                Input = Boundaries[i],
                Rows = rows,
                Weights = Of(i, weights),
                Inputs = inputs,
                Outputs = results,
                Scratch = scratch,
            });
            inputs = results;
            i = next;
        }
    }

    internal void Initialize(Span<float> values, RandomStream random)
    {
        for (var i = 0; i < Layers.Length; i++) { Layers[i].Initialize(Boundaries[i], Of(i, values), random); }
    }
}
