using Apache.Arrow;

namespace StreamLearn.Arrow;

/// <summary>Reads messages of Arrow IPC from memory: what a broker delivers, one reader for each topic. The schema of a stream that has
/// ended stays, for record batches that come alone.</summary>
/// <remarks>
/// Accepts: metadata of version 4 and 5, little-endian, dictionaries that grow or are replaced, buffers compressed by LZ4 or Zstandard.
/// Every length, offset and index is checked before it is used; texts are UTF-8. Columns of decimals, intervals, maps, unions, views of
/// lists and run ends are passed over: <see cref="LeftOut"/>. Cost: a copy of the values. One reader serves one thread. Source: Apache
/// Arrow, IPC format 1.5.
/// </remarks>
public sealed class ArrowReader
{
    private readonly MessageReader _messages;
    private ArrowSchema? _read;
    private Apache.Arrow.Schema? _schema;

    /// <summary>Creates a reader.</summary>
    /// <param name="limits">The largest sizes accepted; null: <see cref="ArrowLimits.Default"/>.</param>
    public ArrowReader(ArrowLimits? limits = null) => _messages = new(limits);

    /// <summary>The columns; null before a schema has been read.</summary>
    public Apache.Arrow.Schema? Schema
    {
        get
        {
            if (_read != _messages.Schema) { (_read, _schema) = (_messages.Schema, RecordSchemas.Of(_messages.Schema!)); }
            return _schema;
        }
    }

    /// <summary>Name and type of each column that is passed over.</summary>
    public IReadOnlyList<string> LeftOut => _messages.Schema?.LeftOut ?? [];

    /// <summary>Reads messages until there is a batch.</summary>
    /// <param name="bytes">A stream, beginning at a message; on return, the part that has not been read.</param>
    /// <returns>The batch, which the caller owns; null at the end.</returns>
    /// <exception cref="ArrowFormatException">The bytes are not a stream of Arrow, or end inside a message.</exception>
    public RecordBatch? Read(ref ReadOnlyMemory<byte> bytes) =>
        _messages.Read(ref bytes) is { } batch ? RecordArrays.Copy(batch, Schema!) : null;

    /// <summary>Expects, after a stream has ended, another one of the same columns without its schema.</summary>
    public void Restart()
    {
        if (_messages is { HasEnded: true, Schema: { } schema }) { _messages.Expect(schema); }
    }
}
