using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>What a block of a pipeline is.</summary>
public enum NodeKind
{
    /// <summary>A local source.</summary>
    Source,

    /// <summary>An asynchronous sequence read by the dataflow host.</summary>
    Sequence,

    /// <summary>Messages handed in by the program.</summary>
    Input,

    /// <summary>A subscription on a transport.</summary>
    Subscribe,

    /// <summary>An operator.</summary>
    Operator,

    /// <summary>A TPL Dataflow block of somebody else's.</summary>
    Foreign,

    /// <summary>Messages handed out to the program.</summary>
    Output,

    /// <summary>Publication on a transport.</summary>
    Publish,

    /// <summary>What a transport tells of its connections.</summary>
    Connections,
}

/// <summary>A block of a pipeline: a name, options and types, compared and printed by value.</summary>
public sealed class Node : IEquatable<Node>
{
    internal Node(int index, string name, NodeKind kind, object options, Type? input, ImmutableArray<Type> outputs, Work work) =>
        (Index, Name, Kind, Options, Input, Outputs, Work) = (index, name, kind, options, input, outputs, work);

    /// <summary>Place in the pipeline's list of blocks.</summary>
    public int Index { get; }

    /// <summary>The name, distinct within its pipeline.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public NodeKind Kind { get; }

    /// <summary>The options record.</summary>
    public object Options { get; }

    /// <summary>The messages it takes; null for a source.</summary>
    public Type? Input { get; }

    /// <summary>The messages of each output.</summary>
    public ImmutableArray<Type> Outputs { get; }

    /// <summary>What the host does when a call throws.</summary>
    public ErrorPolicy Errors { get; internal set; } = ErrorPolicy.Fail;

    /// <summary>The columns on the main output, where they are known before the run.</summary>
    public Schema? Schema { get; internal set; }

    /// <summary>Rows of a batch on the main output at most, where they are known before the run.</summary>
    internal int? MaxRows { get; set; }

    internal Work Work { get; }

    /// <summary>What is declared of batches on the main output.</summary>
    internal DeclaredBatch Declared => new(Schema, MaxRows);

    /// <summary>What is wrong with a message of a source; null: nothing.</summary>
    internal SchemaException? Refusal(object value)
    {
        if (Declared.Allows(value)) { return null; }
        var batch = (Batch)value;
        return new(batch.Rows > MaxRows
            ? $"expected at most the declared {MaxRows} rows in a batch of '{Name}', got {batch.Rows}"
            : $"expected the declared columns {Schema}, got {batch.Schema}");
    }

    /// <summary>Ends what a source made if it has other columns, or more rows, than declared.</summary>
    internal void RequireDeclared(object value)
    {
        if (Refusal(value) is not { } refusal) { return; }
        Ownership.End(value);
        throw refusal;
    }

    /// <inheritdoc />
    public bool Equals(Node? other) =>
        other is not null && Index == other.Index && Name == other.Name && Kind == other.Kind && Options.Equals(other.Options)
        && Input == other.Input && Outputs.AsSpan().SequenceEqual(other.Outputs.AsSpan())
        && Errors == other.Errors && Equals(Schema, other.Schema);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Node);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Index, Name, Kind, Options);

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Options}";
}
