using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>The nodes that layers have become so far, their constants, and what the last node gives.</summary>
internal sealed class ExportedNodes
{
    internal const string Input = "input";

    internal ExportedNodes(int[] sizes) => Sizes = sizes;

    internal List<OnnxNode> Nodes { get; } = [];

    /// <summary>By name, so that their order is always the same.</summary>
    internal SortedDictionary<string, OnnxTensor> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>Place of the layer whose nodes are added: <c>2.0</c>, <c>exit1.1</c>.</summary>
    internal string Place { get; set; } = "";

    /// <summary>Name of what the last node gives.</summary>
    internal string Value { get; private set; } = Input;

    /// <summary>Sizes of a row of it, without that of the rows.</summary>
    internal int[] Sizes { get; private set; }

    /// <summary>The scale of the numbers of 8 bits that the last value stands for; null: it has other values.</summary>
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

    /// <summary>A shape as a tensor has it: flat, a signal or an image.</summary>
    internal static int[] SizesOf(Shape shape) => shape.Height > 1 ? [shape.Channels, shape.Height, shape.Width]
        : shape.Width > 1 ? [shape.Channels, shape.Width] : [shape.Channels];

    /// <summary>Adds a node that takes the last value first, and gives rows of some sizes.</summary>
    internal void Add(string operation, int[] sizes, string[] others, params OnnxAttribute[] attributes) =>
        Resume(Node(operation, [Value, .. others], attributes), sizes);

    /// <summary>Adds a node, and leaves the last value as it is.</summary>
    internal string Node(string operation, string[] inputs, params OnnxAttribute[] attributes)
    {
        var name = $"{Place}/{operation}:{Nodes.Count}";        // runtimes want each name once
        Nodes.Add(new(name, operation, inputs, [name], attributes));
        return name;
    }

    /// <summary>Goes on from a value.</summary>
    internal void Resume(string value, int[] sizes) => (Value, Sizes) = (value, sizes);

    /// <summary>Takes the values for rows of other sizes, in the same order.</summary>
    internal void Reshape(params int[] sizes)
    {
        if (sizes.AsSpan().SequenceEqual(Sizes)) { return; }
        if (sizes.Length == 1 && NumberScale is null) { Add("Flatten", sizes, []); }      // across which ONNX Runtime moves no numbers
        else { Add("Reshape", sizes, [Whole([0, .. sizes])]); }     // 0: as many rows as come
    }

    /// <summary>A constant of float32 values.</summary>
    internal string Singles(string name, int[] shape, float[] values)
    {
        var tensor = OnnxTensor.Of($"{Place}.{name}", shape, values);
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    /// <summary>A constant of numbers of 8 bits.</summary>
    internal string Bytes(string name, int type, int[] shape, byte[] values)
    {
        var tensor = new OnnxTensor($"{Place}.{name}", type, [.. shape.Select(static s => (long)s)]) { Raw = values };
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    /// <summary>A constant of float64 values; one of a name is one constant.</summary>
    internal string Doubles(string name, int[] shape, double[] values)
    {
        var tensor = OnnxTensor.OfRaw($"{Place}.{name}", shape, values);
        Constants[tensor.Name] = tensor;
        return tensor.Name;
    }

    /// <summary>Gives the last value the name of an output. <paramref name="first"/>: the first node that nobody but the output
    /// reads.</summary>
    internal OnnxValue End(string name, int first)
    {
        if (Nodes.Count == first || Nodes[^1].Output != Value) { Node("Identity", [Value]); }
        Nodes[^1] = Nodes[^1] with { Outputs = [name] };
        return new(name, OnnxTensor.Float, [-1, .. Sizes]);
    }

    /// <summary>A constant of whole numbers; the same few numbers in the same shape are one constant.</summary>
    internal string Whole(long[] values, params int[] shape)
    {
        var of = shape.Length == 0 ? "" : $" as [{string.Join(",", shape)}]";
        var name = values.Length > 8 ? $"{Place}.whole:{Constants.Count}" : $"shape[{string.Join(",", values)}]{of}";
        var tensor = OnnxTensor.OfRaw(name, values);
        Constants[name] = shape.Length == 0 ? tensor : tensor with { Shape = [.. shape.Select(static s => (long)s)] };
        return name;
    }
}
