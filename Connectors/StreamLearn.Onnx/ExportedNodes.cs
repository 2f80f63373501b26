namespace StreamLearn.Onnx;

internal sealed class ExportedNodes
{
    internal const string Input = "input";

    internal ExportedNodes(int[] sizes) => Sizes = sizes;

    internal List<OnnxNode> Nodes { get; } = [];

    /// <summary>Sorted by name, so that the order is deterministic.</summary>
    internal SortedDictionary<string, OnnxTensor> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>Path of the current layer: <c>2.0</c>, <c>exit1.1</c>.</summary>
    internal string Place { get; set; } = "";

    internal string Value { get; private set; } = Input;

    internal int[] Sizes { get; private set; }

    /// <summary>Set if the last value is quantized to 8 bits.</summary>
    internal float? NumberScale
    {
        get
        {
            for (var value = Value; Nodes.FindLast(n => n.Output == value) is { } node; value = node.Inputs[0])
            {
                if (node.Operation == "DequantizeLinear") { return Constants[node.Inputs[1]].ToSingle(); }
                if (node.Operation is not ("Reshape" or "MaxPool")) { return null; }
            }

            return null;
        }
    }

    internal static int[] SizesOf(Shape shape) => shape.Height > 1 ? [shape.Channels, shape.Height, shape.Width]
        : shape.Width > 1 ? [shape.Channels, shape.Width] : [shape.Channels];

    /// <summary>Adds a node whose first input is the last value; <paramref name="sizes"/> are those of an output row.</summary>
    internal void Add(string operation, int[] sizes, string[] others, params OnnxAttribute[] attributes) =>
        Resume(Node(operation, [Value, .. others], attributes), sizes);

    internal string Node(string operation, string[] inputs, params OnnxAttribute[] attributes)
    {
        var name = $"{Place}/{operation}:{Nodes.Count}";        // runtimes require unique names
        Nodes.Add(new(name, operation, inputs, [name], attributes));
        return name;
    }

    internal void Resume(string value, int[] sizes) => (Value, Sizes) = (value, sizes);

    internal void Reshape(params int[] sizes)
    {
        if (sizes.AsSpan().SequenceEqual(Sizes)) { return; }
        if (sizes.Length == 1 && NumberScale is null) { Add("Flatten", sizes, []); }      // ONNX Runtime cannot quantize across it
        else { Add("Reshape", sizes, [Whole([0, .. sizes])]); }     // 0: keeps the number of rows
    }

    internal string Singles(string name, int[] shape, float[] values)
    {
        var tensor = OnnxTensor.Of($"{Place}.{name}", shape, values);
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    internal string Bytes(string name, int type, int[] shape, byte[] values)
    {
        var tensor = new OnnxTensor($"{Place}.{name}", type, [.. shape.Select(static s => (long)s)]) { Raw = values };
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    /// <summary>Adds a constant; a repeated name reuses it.</summary>
    internal string Doubles(string name, int[] shape, double[] values)
    {
        var tensor = OnnxTensor.OfRaw($"{Place}.{name}", shape, values);
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    /// <summary><paramref name="first"/>: the first node that only this output reads.</summary>
    internal OnnxValue End(string name, int first)
    {
        if (Nodes.Count == first || Nodes[^1].Output != Value) { Node("Identity", [Value]); }
        Nodes[^1] = Nodes[^1] with { Outputs = [name] };
        return new(name, OnnxTensor.Float, [-1, .. Sizes]);
    }

    /// <summary>Equal values with equal shapes share a constant.</summary>
    internal string Whole(long[] values, params int[] shape)
    {
        var of = shape.Length == 0 ? "" : $" as [{string.Join(",", shape)}]";
        var name = values.Length > 8 ? $"{Place}.whole:{Constants.Count}" : $"shape[{string.Join(",", values)}]{of}";
        var tensor = OnnxTensor.OfRaw(name, values);
        Constants[name] = shape.Length == 0 ? tensor : tensor with { Shape = [.. shape.Select(static s => (long)s)] };
        return name;
    }
}
