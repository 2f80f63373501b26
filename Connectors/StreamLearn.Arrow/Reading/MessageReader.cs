namespace StreamLearn.Arrow;

/// <summary>Reads whole Arrow IPC messages from memory.</summary>
/// <remarks> Accepts metadata versions 4 and 5, little-endian, growing and replaced dictionaries, LZ4 and Zstandard. Skips types not in
/// <see cref="ArrowKind"/>. Checks every length, offset and index before use; strings are UTF-8. Cost: constant for fixed-width columns,
/// otherwise linear; copies only dictionaries and compressed buffers; no steady-state allocation. A batch is valid until the next call,
/// even if that throws. Not thread-safe. Source: Apache Arrow, IPC format 1.5. </remarks>
internal sealed class MessageReader
{
    private readonly ArrowLimits _limits;
    private readonly DictionaryStore _dictionaries;
    private readonly Unpacking _unpacking;
    private ArrowBatch? _batch;

    internal MessageReader(ArrowLimits? limits = null)
    {
        _limits = (limits ?? ArrowLimits.Default).Checked();
        (_dictionaries, _unpacking) = (new(_limits), new(_limits));
    }

    internal ArrowSchema? Schema { get; private set; }

    internal bool HasEnded { get; private set; }

    internal ArrowLimits Limits => _limits;

    internal void Expect(ArrowSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _dictionaries.Expect(schema);
        Forget();
        (Schema, _batch, HasEnded) = (schema, null, false);
    }

    internal void Forget() => _batch?.Forget();

    internal void End() => HasEnded = true;

    internal void Again() => HasEnded = false;

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
            Forget();       // columns read so far may be new and not checked
            throw;
        }
    }

    private static ArrowFormatException Cut() => new("expected a whole message, got the end of the bytes: cut short");
}
