using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>A record batch: a view of the bytes that were read, valid until the next read.</summary>
internal sealed class ArrowBatch
{
    internal ArrowBatch(ArrowSchema schema, ImmutableArray<ArrowArray> columns) => (Schema, Columns) = (schema, columns);

    /// <summary>The columns' names and types.</summary>
    internal ArrowSchema Schema { get; }

    /// <summary>The number of rows.</summary>
    internal int Rows { get; set; }

    /// <summary>The columns, as many as the schema has.</summary>
    internal ImmutableArray<ArrowArray> Columns { get; }

    /// <summary>The metadata of the message; a key may occur more than once.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>Leaves no values: what it is a view of changes.</summary>
    internal void Forget()
    {
        Rows = 0;
        foreach (var column in Columns) { column.Forget(); }
    }
}
