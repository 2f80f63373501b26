namespace StreamLearn.Arrow;

/// <summary>Reads messages of Arrow IPC, each in one piece: what a broker delivers, or a stream in memory.</summary>
/// <remarks>
/// Accepts: metadata of version 4 and 5, little-endian, dictionaries with more entries and new ones, buffers compressed by LZ4 or
/// Zstandard. Columns of types that are not of <see cref="ArrowKind"/> are passed over. Every length, offset and index is checked before it
/// is used; texts are UTF-8.
/// Cost: constant for columns of a fixed width, linear for validity, texts, lists and indices; no copy, except of dictionaries and
/// compressed buffers; no allocation per batch once it is warm. A batch is valid until the next call, even if that throws. One reader
/// serves one thread. Source: Apache Arrow, IPC format 1.5.
/// </remarks>
internal sealed class MessageReader
{
    private readonly ArrowLimits _limits;
    private readonly DictionaryStore _dictionaries;
    private readonly Unpacking _unpacking;
    private ArrowBatch? _batch;

    /// <summary>Creates a reader.</summary>
    internal MessageReader(ArrowLimits? limits = null)
    {
        _limits = (limits ?? ArrowLimits.Default).Checked();
        (_dictionaries, _unpacking) = (new(_limits), new(_limits));
    }

    /// <summary>The columns; null before a schema has been read.</summary>
    internal ArrowSchema? Schema { get; private set; }

    /// <summary>True once a message has said that no more come.</summary>
    internal bool HasEnded { get; private set; }

    internal ArrowLimits Limits => _limits;

    /// <summary>Sets the columns if the schema is not in the messages, for example if it was sent once for many of them.</summary>
    internal void Expect(ArrowSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _dictionaries.Expect(schema);
        Forget();
        (Schema, _batch, HasEnded) = (schema, null, false);
    }

    /// <summary>Takes the values of the last batch away, before what it is a view of changes.</summary>
    internal void Forget() => _batch?.Forget();

    /// <summary>No more messages come.</summary>
    internal void End() => HasEnded = true;

    /// <summary>Reads on after an end, with the same columns.</summary>
    internal void Again() => HasEnded = false;

    /// <summary>Reads messages until there is a batch.</summary>
    internal ArrowBatch? Read(ref ReadOnlyMemory<byte> bytes)
    {
        Forget();
        while (!HasEnded && bytes.Length > 0)
        {
            var length = Take(bytes, out var batch);
            bytes = bytes[length..];
            if (batch is not null) { return batch; }
        }

        return null;
    }

    /// <summary>Reads the first message.</summary>
    internal int Take(ReadOnlyMemory<byte> bytes, out ArrowBatch? batch)
    {
        batch = null;
        var span = bytes.Span;
        if (span.Length < sizeof(uint)) { throw Cut(); }
        var length = MessageHead.MetadataBytes(span, _limits, out var prefix);
        if (length == 0)
        {
            HasEnded = true;
            return prefix;
        }

        if (length > span.Length - prefix) { throw Cut(); }
        var head = MessageHead.Read(span.Slice(prefix, length), _limits);
        var body = prefix + length;
        if (head.BodyBytes > span.Length - body) { throw Cut(); }
        batch = Take(head, bytes.Slice(body, head.BodyBytes));
        return body + head.BodyBytes;
    }

    /// <summary>Takes a message that has been read in whole.</summary>
    internal ArrowBatch? Take(MessageHead head, ReadOnlyMemory<byte> body, bool isFile = false)
    {
        if (head.Type == Ipc.HeaderType.Schema)
        {
            if (Schema is not null) { throw new ArrowFormatException("expected one schema, got a second"); }
            Expect(new SchemaReading(_limits).Read(head.Header));
            return null;
        }

        if (Schema is null) { throw new ArrowFormatException("expected a schema first, got data"); }
        if (head.Type == Ipc.HeaderType.DictionaryBatch)
        {
            _dictionaries.Read(head.Header, body, _unpacking, mayReplace: !isFile, head.IsV4);
            return null;
        }

        _batch ??= new(Schema, ArrowArrays.ForAll(Schema.Fields));
        var reading = new BodyReading(head.Header, body, _dictionaries.Known, _unpacking, head.IsV4);
        try
        {
            foreach (var column in _batch.Columns) { reading.ReadColumn(column); }
            reading.End();
            _batch.Rows = reading.Rows;
            _batch.Metadata = head.Message.Has((int)Ipc.MessageField.CustomMetadata)
                ? new SchemaReading(_limits).Pairs(head.Message, (int)Ipc.MessageField.CustomMetadata) : [];
            return _batch;
        }
        catch
        {
            Forget();       // some of its columns may be new, and unchecked
            throw;
        }
    }

    private static ArrowFormatException Cut() => new("expected a whole message, got the end of the bytes: cut short");
}
