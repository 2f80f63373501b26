namespace StreamLearn.Arrow;

/// <summary>A record batch: a view of the input, valid until the next read.</summary>
internal sealed class ArrowBatch
{
    internal ArrowBatch(ArrowSchema schema, ImmutableArray<ArrowArray> columns) => (Schema, Columns) = (schema, columns);

    internal ArrowSchema Schema { get; }

    internal int Rows { get; set; }

    internal ImmutableArray<ArrowArray> Columns { get; }

    /// <summary>The metadata of the message; keys can repeat.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; set; } = [];

    /// <summary>Clears the values before the underlying memory changes.</summary>
    internal void Forget()
    {
        Rows = 0;
        foreach (var column in Columns) { column.Forget(); }
    }
}
