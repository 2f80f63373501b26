using System.Collections.Immutable;

namespace StreamLearn;

internal enum NodeKind
{
    Source,

    Sequence,

    Input,

    Subscribe,

    Operator,

    Foreign,

    Output,

    Publish,

    Connections,
}

internal sealed class Node : IEquatable<Node>
{
    internal Node(int index, string name, NodeKind kind, object options, Type? input, ImmutableArray<Type> outputs, Work work) =>
        (Index, Name, Kind, Options, Input, Outputs, Work) = (index, name, kind, options, input, outputs, work);

    public int Index { get; }

    public string Name { get; }

    public NodeKind Kind { get; }

    public object Options { get; }

    public Type? Input { get; }

    public ImmutableArray<Type> Outputs { get; }

    public ErrorPolicy Errors { get; internal set; } = ErrorPolicy.Fail;

    /// <summary>The main output's columns, if known before the run.</summary>
    public Schema? Schema { get; internal set; }

    internal int? MaxRows { get; set; }

    internal Work Work { get; }

    internal DeclaredBatch Declared => new(Schema, MaxRows);

    internal SchemaException? Refusal(object value)
    {
        if (Declared.Allows(value)) { return null; }
        var batch = (Batch)value;
        return new(batch.Rows > MaxRows
            ? $"expected at most the declared {MaxRows} rows in a batch of '{Name}', got {batch.Rows}"
            : $"expected the declared columns {Schema}, got {batch.Schema}");
    }

    internal void RequireDeclared(object value)
    {
        if (Refusal(value) is not { } refusal) { return; }
        Ownership.End(value);
        throw refusal;
    }

    public bool Equals(Node? other) =>
        other is not null && Index == other.Index && Name == other.Name && Kind == other.Kind && Options.Equals(other.Options)
        && Input == other.Input && Outputs.AsSpan().SequenceEqual(other.Outputs.AsSpan())
        && Errors == other.Errors && Equals(Schema, other.Schema);

    public override bool Equals(object? obj) => Equals(obj as Node);

    public override int GetHashCode() => HashCode.Combine(Index, Name, Kind, Options);

    public override string ToString() => $"{Name} {Options}";
}
