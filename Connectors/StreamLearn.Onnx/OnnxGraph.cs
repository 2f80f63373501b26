namespace StreamLearn.Onnx;

/// <summary>An unknown size is negative; an unknown shape is null.</summary>
internal sealed record OnnxValue(string Name, int Type, long[]? Shape)
{
    public override string ToString() =>
        Shape is null ? $"'{Name}'" : $"'{Name}' [{string.Join(", ", Shape.Select(static s => s < 0 ? "?" : $"{s}"))}]";
}

internal sealed record OnnxGraph(string Name, string Producer, long Version, IReadOnlyList<OnnxNode> Nodes,
    IReadOnlyDictionary<string, OnnxTensor> Constants, IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs)
{
    internal long ModelVersion { get; init; }

    internal IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];
}
