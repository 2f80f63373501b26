using Apache.Arrow;

namespace StreamLearn.Arrow;

/// <summary>Reads Arrow IPC messages from memory, such as those of a broker; use one reader per topic. After a stream ends, its schema
/// applies to record batches without one.</summary>
/// <remarks> Accepts metadata versions 4 and 5, little-endian, growing and replaced dictionaries, LZ4 and Zstandard. Every length, offset
/// and index is checked before use; strings are UTF-8. Skips decimals, intervals, maps, unions, views of lists and run ends:
/// <see cref="LeftOut"/>. Cost: one copy of the values. Not thread-safe. Source: Apache Arrow, IPC format 1.5. </remarks>
public sealed class ArrowReader
{
    private readonly MessageReader _messages;
    private ArrowSchema? _read;
    private Apache.Arrow.Schema? _schema;

    /// <summary>Creates a reader.</summary>
    /// <param name="limits">The limits; null: <see cref="ArrowLimits.Default"/>.</param>
    public ArrowReader(ArrowLimits? limits = null) => _messages = new(limits);

    /// <summary>The columns; null before the schema is read.</summary>
    public Apache.Arrow.Schema? Schema
    {
        get
        {
            if (_read != _messages.Schema) { (_read, _schema) = (_messages.Schema, RecordSchemas.Of(_messages.Schema!)); }
            return _schema;
        }
    }

    /// <summary>Name and type of each skipped column.</summary>
    public IReadOnlyList<string> LeftOut => _messages.Schema?.LeftOut ?? [];

    /// <summary>Reads messages up to the next batch.</summary>
    /// <param name="bytes">A stream that starts with a message; on return, the unread part.</param>
    /// <returns>The batch, owned by the caller; null at the end.</returns>
    /// <exception cref="ArrowFormatException">The bytes are not an Arrow stream, or end inside a message.</exception>
    public RecordBatch? Read(ref ReadOnlyMemory<byte> bytes) =>
        _messages.Read(ref bytes) is { } batch ? RecordArrays.Copy(batch, Schema!) : null;

    /// <summary>Prepares for another stream with the same columns but without a schema.</summary>
    public void Restart()
    {
        if (_messages is { HasEnded: true, Schema: { } schema }) { _messages.Expect(schema); }
    }
}
