namespace StreamLearn.Models;

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
