using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>The values of consecutive layers of a network and of the exits after them: layer by layer, then head by head.</summary>
internal static class PartValues
{
    /// <summary>Values of layers [from, to) and their exits.</summary>
    internal static int Count(Network network, int from, int to)
    {
        var (layout, count) = (network.Layout, 0);
        for (var i = from; i < to; i++)
        {
            count += layout.Trunk.Plans[i].Values;
            if (layout.ExitAfter(i) is >= 0 and var exit) { count += layout.Heads[exit].Values; }
        }

        return count;
    }

    /// <summary>Multiply-adds of one row forward through layers [from, to) and their exits.</summary>
    internal static long MultiplyAdds(Network network, int from, int to)
    {
        var (layout, sum) = (network.Layout, 0L);
        for (var i = from; i < to; i++)
        {
            sum += layout.Trunk.Plans[i].MultiplyAdds;
            if (layout.ExitAfter(i) is >= 0 and var exit) { sum += layout.Heads[exit].MultiplyAdds; }
        }

        return sum;
    }

    /// <summary>
    /// Multiply-adds of one row backward through layers [from, to) and their exits: twice those forward; with a mask those really made.
    /// </summary>
    internal static long BackwardMultiplyAdds(Network network, int from, int to)
    {
        var layout = network.Layout;
        if (!layout.IsMasked) { return 2 * MultiplyAdds(network, from, to); }
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            if (i >= layout.Lowest) { sum += layout.Trunk.Plans[i].BackwardMultiplyAdds(i > layout.Lowest); }
            if (layout.ExitAfter(i) is >= 0 and var exit) { sum += layout.Heads[exit].BackwardMultiplyAdds(i >= layout.Lowest); }
        }

        return sum;
    }

    /// <summary>The last exit after layers [from, to); below 0 if there is none.</summary>
    internal static int LastExit(Network network, int from, int to)
    {
        for (var i = to - 1; i >= from; i--)
        {
            if (network.Layout.ExitAfter(i) is >= 0 and var exit) { return exit; }
        }

        return -1;
    }

    /// <summary>Copies the values of layers [from, to) from one whole model into another.</summary>
    internal static void Copy(Network network, int from, int to, ReadOnlySpan<float> source, Span<float> target)
    {
        var layout = network.Layout;
        for (var i = from; i < to; i++)
        {
            layout.Trunk.Of(i, source).CopyTo(layout.Trunk.Of(i, target));
            if (layout.ExitAfter(i) is >= 0 and var exit) { layout.Head(exit, source).CopyTo(layout.Head(exit, target)); }
        }
    }

    /// <summary>Copies the values of layers [from, to) out of a whole model: [model] → [part].</summary>
    internal static void Take(Network network, int from, int to, ReadOnlySpan<float> model, Span<float> part)
    {
        var layout = network.Layout;
        for (var i = from; i < to; i++) { Next(layout.Trunk.Of(i, model), ref part); }
        for (var i = from; i < to; i++)
        {
            if (layout.ExitAfter(i) is >= 0 and var exit) { Next(layout.Head(exit, model), ref part); }
        }
    }

    /// <summary>Copies the values of layers [from, to) into a whole model: [part] → [model].</summary>
    internal static void Put(Network network, int from, int to, ReadOnlySpan<float> part, Span<float> model)
    {
        var layout = network.Layout;
        for (var i = from; i < to; i++) { Next(ref part, layout.Trunk.Of(i, model)); }
        for (var i = from; i < to; i++)
        {
            if (layout.ExitAfter(i) is >= 0 and var exit) { Next(ref part, layout.Head(exit, model)); }
        }
    }

    /// <summary>The plan for the optimizer of layers [from, to): what is not theirs counts as not trained.</summary>
    internal static ModelPlan Plan(Network network, int from, int to)
    {
        var (plan, layout) = (network.Plan, network.Layout);
        var slices = new List<(string Name, SliceKind Kind, int Length)>(plan.Slices.Length);
        for (var i = 0; i < network.Layers.Length; i++) { Add(layout.Trunk.Plans[i], i); }
        for (var e = 0; e < network.Exits.Length; e++) { Add(layout.Heads[e], network.Exits[e].After); }
        return new(plan.Input, plan.Outputs, plan.MultiplyAdds, slices);

        void Add(LayerPlan part, int layer)
        {
            foreach (var (name, kind, length) in part.Slices)
            {
                slices.Add((name, layer >= from && layer < to ? kind : SliceKind.Statistic, length));
            }
        }
    }

    /// <summary>The statistics of layers [from, to) and their exits.</summary>
    internal static ImmutableArray<Slice> Statistics(Network network, int from, int to)
    {
        var (slices, part) = (ImmutableArray.CreateBuilder<Slice>(), Plan(network, from, to));
        for (var i = 0; i < network.Layers.Length + network.Exits.Length; i++) { Add(i); }
        return slices.ToImmutable();

        void Add(int place)
        {
            var trunk = place < network.Layers.Length;
            var exit = place - network.Layers.Length;
            var layer = trunk ? place : network.Exits[exit].After;
            if (layer < from || layer >= to) { return; }
            var first = trunk ? network.Layout.Trunk.Offsets[place] : network.Layout.HeadOffset(exit);
            var end = first + (trunk ? network.Layout.Trunk.Plans[place] : network.Layout.Heads[exit]).Values;
            foreach (var slice in part.Slices)
            {
                if (slice.Kind == SliceKind.Statistic && slice.Offset >= first && slice.Offset < end) { slices.Add(slice); }
            }
        }
    }

    private static void Next(ReadOnlySpan<float> values, ref Span<float> part)
    {
        values.CopyTo(part);
        part = part[values.Length..];
    }

    private static void Next(ref ReadOnlySpan<float> part, Span<float> values)
    {
        part[..values.Length].CopyTo(values);
        part = part[values.Length..];
    }
}
