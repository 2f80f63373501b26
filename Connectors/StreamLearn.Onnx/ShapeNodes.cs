namespace StreamLearn.Onnx;

internal static class ShapeNodes
{
    internal static void AddGlobal(Layer layer, NodeInputs given, ImportedLayers layers, bool keep)
    {
        given.Expect(1);
        AddOneEach(layer, layers, keep);
    }

    internal static void AddMean(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(2);
        node.Only("noop_with_empty_axes", 0);
        var rank = layers.Sizes.Length + 1;
        var axes = (given.Integers("axes", 1) ?? []).Select(a => a < 0 ? a + rank : a).Order().ToList();
        if (rank < 3 || !axes.SequenceEqual(Enumerable.Range(2, rank - 2).Select(static a => (long)a)))
        {
            throw node.Refused($"expected a mean over all samples of a channel, got one over axes [{string.Join(", ", axes)}]");
        }

        AddOneEach(new GlobalMean(), layers, node.Integer("keepdims", 1) != 0);
    }

    internal static void AddFlatten(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(1);
        var axis = node.Integer("axis", 1);
        if (axis != 1 && axis != -layers.Sizes.Length) { throw node.Refused($"expected axis 1, got {axis}"); }
        layers.Reshape([layers.Shape.Size]);
    }

    /// <summary>Exporters write empty ones before a pool.</summary>
    internal static void RequireNoPadding(OnnxNode node, NodeInputs given)
    {
        given.Expect(3);
        _ = node.Has("mode") | node.Has("value");
        if (given.Integers("pads", 1)?.Any(static p => p != 0) ?? true) { throw node.Refused("expected a padding of 0"); }
    }

    internal static void AddReshape(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(2);
        var target = given.Integers("shape", 1) ?? [];
        node.Only("allowzero", 0);
        if (target.Length < 2 || !(target[0] is -1 or 0 || target[0] == layers.Rows))
        {
            throw node.Refused($"expected a shape that keeps the rows, got [{string.Join(", ", target)}]");
        }

        var sizes = target[1..];
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == 0 && i < layers.Sizes.Length) { sizes[i] = layers.Sizes[i]; }
        }

        if (Array.IndexOf(sizes, -1) is >= 0 and var open)
        {
            Int128 others = 1;
            foreach (var size in sizes) { others *= size == -1 ? 1 : size; }
            sizes[open] = others > 0 && layers.Shape.Size % others == 0 ? (long)(layers.Shape.Size / others) : -1;
        }

        Take(node, layers, sizes);
    }

    internal static void AddSqueeze(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(2);
        var axes = Axes(node, given, layers.Sizes.Length + 1);
        if (axes.Any(a => layers.Sizes[a - 1] != 1)) { throw node.Refused($"expected axes of size 1, got {string.Join(", ", axes)}"); }
        Take(node, layers, [.. layers.Sizes.Where((_, i) => !axes.Contains(i + 1)).Select(static s => (long)s)]);
    }

    internal static void AddUnsqueeze(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(2);
        var axes = Axes(node, given, layers.Sizes.Length + 1 + (given.Integers("axes", 1)?.Length ?? 0));
        var sizes = layers.Sizes.Select(static s => (long)s).ToList();
        foreach (var axis in axes.Order()) { sizes.Insert(axis - 1, 1); }
        Take(node, layers, [.. sizes]);
    }

    /// <summary>Only axes of size 1 may move, which keeps the order of values.</summary>
    internal static void AddTranspose(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(1);
        var (rank, order) = (layers.Sizes.Length + 1, node.Integers("perm"));
        if (order is null || order.Length != rank || order[0] != 0
            || !order.Order().SequenceEqual(Enumerable.Range(0, rank).Select(static i => (long)i))
            || order.Where(a => a > 0 && layers.Sizes[a - 1] > 1) is var moved && !moved.SequenceEqual(moved.Order()))
        {
            throw node.Refused($"expected an order of axes that keeps the order of values, got [{string.Join(", ", order ?? [])}] of "
                + $"rows [{string.Join(", ", layers.Sizes)}]: models store one channel after the other");
        }

        Take(node, layers, [.. order.Skip(1).Select(a => (long)layers.Sizes[a - 1])]);
    }

    private static void AddOneEach(Layer layer, ImportedLayers layers, bool keep)
    {
        if (layers.Sizes.Length < 2) { throw new ArgumentException($"expected samples, got rows of [{string.Join(", ", layers.Sizes)}]"); }
        layers.Add(layer, keep ? [layers.Sizes[0], .. layers.Sizes.Skip(1).Select(static _ => 1)] : [layers.Sizes[0]]);
    }

    private static int[] Axes(OnnxNode node, NodeInputs given, int rank)
    {
        var axes = given.Integers("axes", 1)?.Select(a => a < 0 ? a + rank : a).ToList() ?? [];
        if (axes.Count == 0 || axes.Any(a => a < 1 || a >= rank) || axes.Distinct().Count() < axes.Count)
        {
            throw node.Refused($"expected axes from 1 to {rank - 1}, got [{string.Join(", ", axes)}]");
        }

        return [.. axes.Select(static a => (int)a)];
    }

    private static void Take(OnnxNode node, ImportedLayers layers, long[] sizes)
    {
        Int128 product = 1;
        foreach (var size in sizes) { product *= size is > 0 and <= int.MaxValue ? size : 0; }
        if (product != layers.Shape.Size)
        {
            throw node.Refused($"expected {layers.Shape.Size} values a row, got [{string.Join(", ", sizes)}]");
        }

        layers.Reshape([.. sizes.Select(static s => (int)s)]);
    }
}
