namespace StreamLearn.Models;

internal static class PartValues
{
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

    /// <summary>Returns twice the forward multiply-adds, minus what a mask saves.</summary>
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

    internal static void Take(Network network, int from, int to, ReadOnlySpan<float> model, Span<float> part)
    {
        var layout = network.Layout;
        for (var i = from; i < to; i++) { Next(layout.Trunk.Of(i, model), ref part); }
        for (var i = from; i < to; i++)
        {
            if (layout.ExitAfter(i) is >= 0 and var exit) { Next(layout.Head(exit, model), ref part); }
        }
    }

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
