namespace StreamLearn.Onnx;

/// <summary>An input or output of a graph; a size is below 0 where the file does not say it, and the shape null where there is
/// none.</summary>
internal sealed record OnnxValue(string Name, int Type, long[]? Shape)
{
    public override string ToString() =>
        Shape is null ? $"'{Name}'" : $"'{Name}' [{string.Join(", ", Shape.Select(static s => s < 0 ? "?" : $"{s}"))}]";
}

/// <summary>What an ONNX file says: a graph of nodes with its constants, and who wrote it in which version of the operations.</summary>
internal sealed record OnnxGraph(string Name, string Producer, long Version, IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyDictionary<string, OnnxTensor> Constants, IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs)
{
    /// <summary>Version of the values, by whoever wrote them.</summary>
    internal long ModelVersion { get; init; }

    /// <summary>What the file says of itself beside the graph, in the order in which it is written.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];
}
