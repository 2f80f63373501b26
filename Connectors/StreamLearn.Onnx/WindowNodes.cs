namespace StreamLearn.Onnx;

internal static class WindowNodes
{
    internal static void AddConvolution(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(3);
        var (filters, group, sizes) = (given.Constant(1), node.Integer("group", 1), layers.Sizes);
        var isDepthwise = group > 1;
        if (filters.Shape.Length != sizes.Length + 1 || filters.Shape.Any(static s => s is < 1 or > int.MaxValue)
            || (isDepthwise ? group != sizes[0] || filters.Shape[0] != group || filters.Shape[1] != 1 : filters.Shape[1] != sizes[0]))
        {
            throw node.Refused($"expected filters of {(isDepthwise ? "one channel for each" : "all channels")} of rows "
                + $"[{string.Join(", ", sizes)}] in 1 group or one group per channel, got {filters} in {group}");
        }

        int[] kernel = [.. filters.Shape.Skip(2).Select(static s => (int)s)];
        if (node.Has("kernel_shape") && !node.Sizes("kernel_shape", kernel.Length, 1).SequenceEqual(kernel))
        {
            throw node.Refused($"expected kernel_shape [{string.Join(", ", kernel)}], that of its filters {filters}");
        }

        var at = NodeWindow.Of(node, sizes, kernel, isPool: false);
        var (count, taps) = ((int)filters.Shape[0], checked((int)(filters.Count / filters.Shape[0])));
        layers.Reserve(((long)count * taps) + count);
        var values = new float[checked((count * taps) + count)];
        if (isDepthwise) { filters.ToSingles().CopyTo(values, 0); }
        else { DenseNodes.Transpose(filters.ToSingles(), count, taps, values); }
        if (given.Has(2)) { given.Flat(2, count).CopyTo(values, count * taps); }
        Layer layer = (isDepthwise, at.IsSignal) switch
        {
            (true, true) => new DepthwiseConv1d(at.Size, at.Stride, at.Padding),
            (true, false) => new DepthwiseConv2d(at.Size, at.Stride, at.Padding),
            (false, true) => new Conv1d(count, at.Size, at.Stride, at.Padding),
            (false, false) => new Conv2d(count, at.Size, at.Stride, at.Padding),
        };
        layers.Add(layer, [count, .. at.Outputs], values);
    }

    internal static void AddMaxPool(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        var at = Pool(node, given, layers);
        node.Only("storage_order", 0);
        Layer layer = at.IsSignal ? new MaxPool1d(at.Size, at.Stride, at.Padding) : new MaxPool2d(at.Size, at.Stride, at.Padding);
        layers.Add(layer, [layers.Sizes[0], .. at.Outputs]);
    }

    internal static void AddAveragePool(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        var at = Pool(node, given, layers);
        if (node.Integer("count_include_pad", 0) != 0 && at.Padding != 0)
        {
            throw node.Refused("expected averages that exclude padding (count_include_pad 0)");
        }

        Layer layer = at.IsSignal ? new AveragePool1d(at.Size, at.Stride, at.Padding) : new AveragePool2d(at.Size, at.Stride, at.Padding);
        layers.Add(layer, [layers.Sizes[0], .. at.Outputs]);
    }

    private static NodeWindow Pool(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(1);
        if (layers.Sizes.Length < 2) { throw node.Refused($"expected samples, got rows of [{string.Join(", ", layers.Sizes)}]"); }
        return NodeWindow.Of(node, layers.Sizes, node.Sizes("kernel_shape", layers.Sizes.Length - 1, 0), isPool: true);
    }
}
