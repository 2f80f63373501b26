namespace StreamLearn.Arrow;

/// <summary>Reads an Arrow stream, or a file without its footer, from start to end.</summary>
/// <remarks>Accepts and costs the same as <see cref="MessageReader"/>, plus a copy of each message. The end mark is optional.</remarks>
internal sealed class ArrowStreamReader
{
    private const int Alignment = Messages.Alignment;

    private readonly Stream _stream;
    private readonly MessageReader _reader;
    private byte[] _metadata = [];
    private byte[] _body = [];
    private int _messages;
    private bool _hasBegun;
    private bool _isFile;

    internal ArrowStreamReader(Stream stream, ArrowLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, _reader) = (stream, new(limits));
    }

    internal long Position { get; private set; }

    internal ArrowSchema ReadSchema()
    {
        if (_reader.Schema is null) { Message(); }
        return _reader.Schema ?? throw new ArrowFormatException("expected a schema, got the end");
    }

    internal ArrowBatch? Read()
    {
        ReadSchema();
        while (!_reader.HasEnded)
        {
            if (Message() is { } batch) { return batch; }
        }

        return null;
    }

    private ArrowBatch? Message()
    {
        var start = Position;
        _reader.Forget();
        try { return Next(ref start); }
        catch (ArrowFormatException e) { throw e.At(_messages, start); }
    }

    private ArrowBatch? Next(ref long start)
    {
        Span<byte> prefix = stackalloc byte[MessageHead.PrefixBytes];
        _messages++;
        var got = Fill(prefix[..sizeof(uint)]);
        if (got == 0)
        {
            if (_reader.Schema is null) { throw new ArrowFormatException("expected a schema, got nothing"); }
            _reader.End();
            return null;
        }

        if (got < sizeof(uint)) { throw Cut(); }
        if (!_hasBegun && prefix[..sizeof(uint)].SequenceEqual(ArrowFileReader.Magic[..sizeof(uint)]))
        {
            if (Fill(prefix[sizeof(uint)..]) < sizeof(uint) || !prefix[..ArrowFileReader.Magic.Length].SequenceEqual(ArrowFileReader.Magic))
            {
                throw new ArrowFormatException("expected the magic bytes of an Arrow file, got other bytes");
            }

            _isFile = true;
            start = Position;
            if (Fill(prefix[..sizeof(uint)]) < sizeof(uint)) { throw Cut(); }
        }

        _hasBegun = true;
        var hasMark = BinaryPrimitives.ReadUInt32LittleEndian(prefix) == uint.MaxValue;
        if (hasMark && Fill(prefix[sizeof(uint)..]) < sizeof(uint)) { throw Cut(); }
        var length = MessageHead.MetadataBytes(prefix, _reader.Limits, out _);
        if (length == 0)
        {
            if (_reader.Schema is null) { throw new ArrowFormatException("expected a schema, got the end of the stream"); }
            _reader.End();
            return null;
        }

        var metadata = Fill(ref _metadata, length);
        var head = MessageHead.Read(metadata.Span, _reader.Limits);
        if (_isFile && _reader.Schema is null && head.Type != Ipc.HeaderType.Schema)
        {
            throw new ArrowFormatException("expected a schema at the start of the file, got data: the schema is only in the footer");
        }

        return _reader.Take(head, Fill(ref _body, head.BodyBytes));
    }

    /// <summary>Memory grows as bytes arrive, so a false length reserves little.</summary>
    private ReadOnlyMemory<byte> Fill(ref byte[] memory, int length)
    {
        const int First = 1 << 16;
        var filled = 0;
        while (filled < length)
        {
            var next = Math.Min(length, Math.Max(memory.Length - Alignment, Math.Max(First, 2 * filled)));
            if (memory.Length < next + Alignment)
            {
                var larger = GC.AllocateUninitializedArray<byte>(next + Alignment, pinned: true);
                memory.AsSpan(0, filled).CopyTo(larger);
                memory = larger;
            }

            if (Fill(memory.AsSpan(filled, next - filled)) < next - filled) { throw Cut(); }
            filled = next;
        }

        return memory.AsMemory(0, length);
    }

    private int Fill(Span<byte> bytes)
    {
        var got = _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        Position += got;
        return got;
    }

    private static ArrowFormatException Cut() => new("expected a whole message, got the end of the bytes: cut short");
}
