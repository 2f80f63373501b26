namespace StreamLearn.Onnx;

internal readonly record struct NodeWindow(bool IsSignal, int Size, int Stride, int Padding, int[] Outputs)
{
    internal static NodeWindow Of(OnnxNode node, int[] sizes, int[] kernel, bool isPool)
    {
        var axes = kernel.Length;
        var strides = node.Sizes("strides", axes, 1);
        var dilations = node.Sizes("dilations", axes, 1);
        var pads = node.Sizes("pads", 2 * axes, 0);
        var auto = node.Text("auto_pad", "NOTSET");
        var ceiling = isPool && node.Integer("ceil_mode", 0) != 0;
        if (kernel.Concat(strides).Any(static v => v < 1) || dilations.Any(static v => v != 1))
        {
            throw node.Refused($"expected kernel and strides of at least 1 and dilations of 1, got [{string.Join(", ", kernel)}], "
                + $"[{string.Join(", ", strides)}] and [{string.Join(", ", dilations)}]");
        }

        var places = new (int Length, int Kernel, int Stride, int Before, int After)[axes];
        var same = true;
        for (var a = 0; a < axes; a++)
        {
            var (before, after) = Same(sizes[a + 1], kernel[a], strides[a]);
            same &= auto == "SAME_UPPER" || (auto == "NOTSET" && (before, after) == (pads[a], pads[axes + a]));
            places[a] = auto switch
            {
                "SAME_UPPER" => (sizes[a + 1], kernel[a], strides[a], before, after),
                "NOTSET" => (sizes[a + 1], kernel[a], strides[a], pads[a], pads[axes + a]),
                "VALID" => (sizes[a + 1], kernel[a], strides[a], 0, 0),
                _ => throw node.Refused($"expected auto_pad NOTSET, VALID or SAME_UPPER, got {auto}"),
            };
        }

        var isSignal = axes == 1 || (axes == 2 && sizes[1] == 1 && places[0] is { Kernel: 1, Before: 0, After: 0 });
        if (axes is not (1 or 2) || (!isSignal && places[0] with { Length = 0 } != places[1] with { Length = 0 } && !same)
            || (!isSignal && (kernel[0] != kernel[1] || strides[0] != strides[1])))
        {
            throw node.Refused($"expected windows on signals, or square ones, got kernel [{string.Join(", ", kernel)}] strides "
                + $"[{string.Join(", ", strides)}] pads [{string.Join(", ", pads)}] on rows [{string.Join(", ", sizes)}]");
        }

        var (_, size, stride, first, last) = places[^1];
        var isEven = auto != "SAME_UPPER" && first == last && (isSignal || places[0].Before == first);
        if (isEven ? size == 1 && first > 0 : !same)
        {
            throw node.Refused($"expected the same padding on both sides, got [{string.Join(", ", pads)}]");
        }

        if (ceiling && places.Any(static p => ((long)p.Length + p.Before + p.After - p.Kernel) % p.Stride != 0))
        {
            throw node.Refused("expected windows that end with the samples (ceil_mode 0), got one that extends beyond them");
        }

        int[] outputs = [.. places.Select(static p => checked((int)(((long)p.Length + p.Before + p.After - p.Kernel) / p.Stride) + 1))];
        return new(isSignal, size, stride, isEven ? first : Models.Padding.Same, outputs);
    }

    /// <summary>Returns the padding for ⌈length / stride⌉ windows; an odd rest is added at the end.</summary>
    internal static (int Before, int After) Same(int length, int kernel, int stride)
    {
        var padding = (int)Math.Clamp(((length - 1L) / stride * stride) + kernel - length, 0, int.MaxValue);
        return (padding / 2, padding - (padding / 2));
    }
}
