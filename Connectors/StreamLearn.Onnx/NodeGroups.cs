namespace StreamLearn.Onnx;

/// <summary>Groups of nodes that exporters write for layers without an ONNX operator.</summary>
internal sealed class NodeGroups(IReadOnlyList<OnnxNode> nodes, ImportedLayers layers, Dictionary<string, OnnxTensor> constants)
{
    /// <summary>0 if no group starts here.</summary>
    internal int Add(int at)
    {
        var count = 0;
        if (Are(at, "Reshape", "InstanceNormalization", "Reshape", "Mul", "Add")
            || Are(at, "Reshape", "InstanceNormalization", "Flatten", "Mul", "Add"))
        {
            count = AddGroupNorm(nodes[at], nodes[at + 1], nodes[at + 2], nodes[at + 3], nodes[at + 4]);
        }
        else if (Are(at, "GlobalAveragePool", "GlobalMaxPool", "Concat"))
        {
            count = AddMeanAndMax(nodes[at], nodes[at + 1], nodes[at + 2]);
        }
        else if (at + 2 == nodes.Count && layers.Layers is [.., not Scale] && Are(at, "Mul", "Add"))
        {
            count = AddLine(nodes[at], nodes[at + 1]);
        }

        else if (nodes[at] is { Operation: "Add", Inputs: [var one, var other] })
        {
            count = (one == layers.Value && AddAround(other)) || (other == layers.Value && AddAround(one)) ? 1 : 0;
        }

        for (var i = at; i < at + count; i++) { nodes[i].End(); }
        if (count > 0) { layers.Value = nodes[at + count - 1].Output; }
        return count;
    }

    private int AddGroupNorm(OnnxNode split, OnnxNode norm, OnnxNode back, OnnxNode gain, OnnxNode bias)
    {
        var (size, sizes) = (layers.Shape.Size, layers.Sizes);
        if (!IsChain(split, norm, back, gain, bias) || split.Inputs[0] != layers.Value
            || Integers(split) is not [(0 or -1) and var rows, >= 1 and <= int.MaxValue and var groups, <= int.MaxValue and var rest]
            || !(rest * groups == size || (rest == -1 && rows == 0)))
        {
            return 0;
        }

        split.Only("allowzero", 0);
        if (back.Operation == "Reshape" ? !Integers(back).Skip(1).SequenceEqual(sizes.Select(static s => (long)s))
            : sizes.Length != 1 || back.Integer("axis", 1) != 1)
        {
            throw back.Refused($"expected the sizes before the norm, [{string.Join(", ", sizes)}]");
        }

        back.Only("allowzero", 0);
        if (norm.Single("epsilon", 1e-5f) != 1e-5f || !IsAll(norm, 1, groups, 1) || !IsAll(norm, 2, groups, 0))
        {
            throw norm.Refused($"expected a norm of {groups} groups with epsilon 1e-5, scales of 1 and biases of 0");
        }

        layers.Reserve(2L * sizes[0]);
        layers.Add(new GroupNorm((int)groups), sizes, [.. Other(gain).PerChannel(sizes), .. Other(bias).PerChannel(sizes)]);
        return 5;
    }

    private bool AddAround(string start) => !constants.ContainsKey(start) && layers.AddAround(start);

    private int AddMeanAndMax(OnnxNode mean, OnnxNode max, OnnxNode both)
    {
        if (mean.Inputs is not [var first] || max.Inputs is not [var second] || first != layers.Value || second != layers.Value
            || !both.Inputs.SequenceEqual([mean.Output, max.Output]) || layers.Sizes.Length < 2 || both.Integer("axis", 0) != 1)
        {
            return 0;
        }

        layers.Add(new GlobalMeanMax(), [2 * layers.Sizes[0], .. layers.Sizes.Skip(1).Select(static _ => 1)]);
        return 3;
    }

    /// <summary>Reads, at the end of the graph, the meaning of outputs of 0 and 1.</summary>
    private int AddLine(OnnxNode slope, OnnxNode start)
    {
        if (!IsChain(slope, start) || Other(slope) is not { Count: 1 } deviation || Other(start) is not { Count: 1 } mean
            || !(deviation.ToSingle() > 0))
        {
            return 0;
        }

        layers.Line = new(mean.ToSingle(), deviation.ToSingle());
        return 2;
    }

    private bool Are(int at, params ReadOnlySpan<string> operations)
    {
        if (at + operations.Length > nodes.Count) { return false; }
        for (var i = 0; i < operations.Length; i++)
        {
            if (nodes[at + i].Operation != operations[i]) { return false; }
        }

        return true;
    }

    /// <summary>Returns true if each node reads the previous output and, apart from that, only constants.</summary>
    private bool IsChain(params ReadOnlySpan<OnnxNode> several)
    {
        var value = layers.Value;
        foreach (var node in several)
        {
            if (node.Inputs.Count(input => !constants.ContainsKey(input)) != 1 || !node.Inputs.Contains(value)) { return false; }
            value = node.Output;
        }

        return true;
    }

    private long[] Integers(OnnxNode node) =>
        node.Inputs.Length == 2 && constants.TryGetValue(node.Inputs[1], out var shape) ? shape.ToIntegers() : [];

    private bool IsAll(OnnxNode node, int input, long count, float value) => node.Inputs.Length == 3
        && constants.TryGetValue(node.Inputs[input], out var constant) && constant.Count == count
        && Array.TrueForAll(constant.ToSingles(), v => v == value);

    private OnnxTensor Other(OnnxNode node) => node.Inputs.Length == 2
        ? constants[node.Inputs[constants.ContainsKey(node.Inputs[0]) ? 0 : 1]]
        : throw node.Refused($"expected 2 inputs, got {node.Inputs.Length}");
}
