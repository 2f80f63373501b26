using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>A record batch: a view of the bytes that were read, valid until the next read.</summary>
public sealed class ArrowBatch
{
    /// <param name="schema">The columns.</param>
    /// <param name="columns">An array for each column.</param>
    internal ArrowBatch(ArrowSchema schema, ImmutableArray<ArrowArray> columns) => (Schema, Columns) = (schema, columns);

    /// <summary>The columns' names and types.</summary>
    public ArrowSchema Schema { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; internal set; }

    /// <summary>The columns, as many as the schema has.</summary>
    public ImmutableArray<ArrowArray> Columns { get; }

    /// <summary>The metadata of the message; a key may occur more than once.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; internal set; } = [];

    /// <summary>The first column with a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="SchemaException">There is no such column.</exception>
    public ArrowArray this[string name] => Schema.IndexOf(name) is >= 0 and var index
        ? Columns[index] : throw new SchemaException($"expected a column '{name}', got {Schema}");

    /// <summary>Creates a batch from arrays of the same length.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">An array for each column.</param>
    /// <exception cref="ArrowFormatException">The arrays are not those of the schema, or have different lengths.</exception>
    public static ArrowBatch Of(ArrowSchema schema, params ImmutableArray<ArrowArray> columns)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (!schema.Fields.SequenceEqual(columns.Select(static c => c.Field)))
        {
            throw new ArrowFormatException($"expected arrays of {schema}");
        }

        if (columns.Select(static c => c.Length).Distinct().Count() > 1)
        {
            throw new ArrowFormatException($"expected arrays of one length, got {string.Join(", ", columns)}");
        }

        return new(schema, columns) { Rows = columns.IsEmpty ? 0 : columns[0].Length };
    }

    /// <summary>A view of consecutive rows.</summary>
    /// <param name="start">The index of the first row.</param>
    /// <param name="rows">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range exceeds the batch.</exception>
    public ArrowBatch Slice(int start, int rows) =>
        new(Schema, [.. Columns.Select(c => c.Slice(start, rows))]) { Rows = rows, Metadata = Metadata };

    /// <summary>Leaves no values: what it is a view of changes.</summary>
    internal void Forget()
    {
        Rows = 0;
        foreach (var column in Columns) { column.Forget(); }
    }
}
