namespace StreamLearn.Arrow;

internal ref struct BodyReading
{
    private const int NodeBytes = 16;
    private const int BufferBytes = 16;
    private const int ViewBytes = 16;

    private readonly ReadOnlySpan<byte> _nodes;
    private readonly ReadOnlySpan<byte> _buffers;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly Dictionary<long, ArrowArray> _dictionaries;
    private readonly ReadOnlySpan<byte> _variadic;
    private readonly bool _isV4;
    private readonly Unpacking? _unpacking;
    private readonly long _most;
    private readonly int _mostBytes;
    private long _bytes;
    private int _node;
    private int _buffer;
    private int _view;

    internal BodyReading(FlatTable batch, ReadOnlyMemory<byte> body, Dictionary<long, ArrowArray> dictionaries, Unpacking unpacking,
        bool isV4)
    {
        var rows = batch.Int64((int)Ipc.BatchField.Length, 0);
        (_most, _mostBytes) = (unpacking.Limits.MaxValues, unpacking.Limits.MaxMessageBytes);
        if (rows < 0 || rows > _most) { throw Bad($"expected rows from 0 to {_most}, got {rows}"); }
        Rows = (int)rows;
        _nodes = batch.Vector((int)Ipc.BatchField.Nodes, NodeBytes, out _);
        _buffers = batch.Vector((int)Ipc.BatchField.Buffers, BufferBytes, out _);
        _variadic = batch.Vector((int)Ipc.BatchField.VariadicCounts, sizeof(long), out _);
        (_body, _dictionaries, _isV4) = (body, dictionaries, isV4);
        if (!batch.TryTable((int)Ipc.BatchField.Compression, out var compression)) { return; }
        if (compression.Byte(0, 0) is not (0 or 1) and var codec)
        {
            throw Bad($"expected compression by LZ4 or Zstandard, got codec {codec}");
        }

        if (compression.Byte(1, 0) != 0) { throw Bad($"expected each buffer compressed separately, got another method"); }
        _unpacking = unpacking;
        _unpacking.Begin(_body, _buffers, isZstandard: compression.Byte(0, 0) == 1);
    }

    internal int Rows { get; }

    internal void ReadColumn(ArrowArray array)
    {
        Read(array);
        if (array.Length != Rows) { throw Bad($"column '{array.Field.Name}': expected {Rows} values, got {array.Length}"); }
    }

    internal readonly void End()
    {
        if (_node * NodeBytes == _nodes.Length && _buffer * BufferBytes == _buffers.Length) { return; }
        throw Bad($"expected {_node} arrays of {_buffer} buffers, got {_nodes.Length / NodeBytes} of {_buffers.Length / BufferBytes}");
    }

    private void Read(ArrowArray array)
    {
        var kind = array.Stored;
        if ((_node + 1) * NodeBytes > _nodes.Length) { throw Bad($"column '{array.Field.Name}': expected an array, got none"); }
        var node = _nodes.Slice(_node++ * NodeBytes, NodeBytes);
        var (length, missing) = (BinaryPrimitives.ReadInt64LittleEndian(node), BinaryPrimitives.ReadInt64LittleEndian(node[8..]));
        if (kind == ArrowKind.Null) { missing = length; }       // some writers store −1 for a slice
        if (length < 0 || length > _most || missing < 0 || missing > length)
        {
            throw Bad($"column '{array.Field.Name}': expected values from 0 to {_most} and missing ones, got {length} and {missing}");
        }

        ReadOnlyMemory<byte> validity = default, offsets = default, data = default;
        if (kind == ArrowKind.Unread)
        {
            missing = 0;
            PassOver(array);
        }
        else if (kind != ArrowKind.Null)
        {
            validity = Buffer(array);
            if (array.Field is { Dictionary: null, Type.IsView: true })
            {
                (offsets, data) = ReadViews(array, (int)length, (int)missing, validity.Span);
            }
            else if (ArrayChecks.HasOffsets(kind))
            {
                offsets = Buffer(array);
                if (!ArrayChecks.IsNested(kind)) { data = Buffer(array); }
            }
            else if (!ArrayChecks.IsNested(kind)) { data = Buffer(array); }
        }

        ArrowArray? dictionary = null;
        if (array.Field.Dictionary is { } named && !_dictionaries.TryGetValue(named.Id, out dictionary))
        {
            throw Bad($"column '{array.Field.Name}': expected dictionary {named.Id} before the batch, got none");
        }

        foreach (var child in array.Children) { Read(child); }
        array.Set((int)length, (int)missing, validity, offsets, data, dictionary);
        ArrayChecks.Check(array);
    }

    private void PassOver(ArrowArray array)
    {
        var (name, count) = (array.Field.Type.Name!, (long)array.Field.Type.Width);
        if (_isV4 && name is SchemaReading.SparseUnion or SchemaReading.DenseUnion) { count++; }
        RequireBuffers(array, count);
        for (; count > 0; count--) { Packed(array); }
    }

    /// <summary>Copies strings or binaries in view layout into one buffer.</summary>
    private (ReadOnlyMemory<byte> Offsets, ReadOnlyMemory<byte> Data) ReadViews(
        ArrowArray array, int length, int missing, ReadOnlySpan<byte> validity)
    {
        var views = Buffer(array).Span;
        if ((_view + 1) * sizeof(long) > _variadic.Length)
        {
            throw Bad($"column '{array.Field.Name}': expected a number of buffers, got none");
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(_variadic[(sizeof(long) * _view++)..]);
        RequireBuffers(array, count);
        var buffers = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < buffers.Length; i++) { buffers[i] = Buffer(array); }
        if (views.Length < (long)ViewBytes * length || (missing > 0 && validity.Length < Bits.Bytes(length)))
        {
            throw Bad($"column '{array.Field.Name}': expected {length} views of {ViewBytes} bytes and their validity, got fewer bytes");
        }

        var (offsets, total) = (new byte[sizeof(int) * (length + 1)], 0L);
        for (var row = 0; row < length; row++)
        {
            var bytes = missing > 0 && !Bits.At(validity, row) ? 0 : BinaryPrimitives.ReadInt32LittleEndian(views[(ViewBytes * row)..]);
            total += bytes;
            if (bytes < 0 || total > _mostBytes)        // views may share bytes
            {
                throw Bad($"column '{array.Field.Name}': expected views of at most {_mostBytes} bytes together, got more");
            }

            BinaryPrimitives.WriteInt32LittleEndian(offsets.AsSpan(sizeof(int) * (row + 1)), (int)total);
        }

        var data = new byte[total];
        for (var (row, at) = (0, 0); row < length; row++)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(offsets.AsSpan(sizeof(int) * (row + 1)));
            if (end > at) { BytesOf(array, views.Slice(ViewBytes * row, ViewBytes), buffers).CopyTo(data.AsSpan(at)); }
            at = end;
        }

        return (offsets, data);
    }

    private static ReadOnlySpan<byte> BytesOf(ArrowArray array, ReadOnlySpan<byte> view, ReadOnlyMemory<byte>[] buffers)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(view);
        if (length <= ViewBytes - sizeof(int)) { return view.Slice(sizeof(int), length); }
        var buffer = BinaryPrimitives.ReadInt32LittleEndian(view[(2 * sizeof(int))..]);
        var offset = BinaryPrimitives.ReadInt32LittleEndian(view[(3 * sizeof(int))..]);
        if ((uint)buffer >= (uint)buffers.Length || offset < 0 || offset > buffers[buffer].Length - length)
        {
            throw Bad(
                $"column '{array.Field.Name}': expected a view inside its buffers, got {length} bytes at {offset} of buffer {buffer}");
        }

        return buffers[buffer].Span.Slice(offset, length);
    }

    private readonly void RequireBuffers(ArrowArray array, long count)
    {
        if (count < 0 || count > (_buffers.Length / BufferBytes) - _buffer)
        {
            throw Bad($"column '{array.Field.Name}': expected {count} buffers, got {(_buffers.Length / BufferBytes) - _buffer}");
        }
    }

    private ReadOnlyMemory<byte> Buffer(ArrowArray array) => _unpacking is null ? Packed(array) : _unpacking.Unpack(Packed(array));

    private ReadOnlyMemory<byte> Packed(ArrowArray array)
    {
        if ((_buffer + 1) * BufferBytes > _buffers.Length) { throw Bad($"column '{array.Field.Name}': expected a buffer, got none"); }
        var at = _buffer++;
        var (offset, length) = Place(_buffers, at);
        if (offset < 0 || length < 0 || offset > _body.Length || length > _body.Length - offset)
        {
            throw Bad($"column '{array.Field.Name}': expected a buffer inside {_body.Length} bytes, got {length} bytes at {offset}");
        }

        // columns must not share bytes: each byte is checked once
        _bytes += length;
        if (_bytes > _body.Length)
        {
            throw Bad($"column '{array.Field.Name}': expected buffers of at most {_body.Length} bytes, the size of the body, got {_bytes}");
        }

        if ((offset & 7) != 0) { throw Bad($"column '{array.Field.Name}': expected a buffer at a multiple of 8 bytes, got {offset}"); }
        return _body.Slice((int)offset, (int)length);
    }

    internal static (long Offset, long Length) Place(ReadOnlySpan<byte> buffers, int index)
    {
        var entry = buffers.Slice(index * BufferBytes, BufferBytes);
        return (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
    }

    internal static int Count(ReadOnlySpan<byte> buffers) => buffers.Length / BufferBytes;

    private static ArrowFormatException Bad(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));
}
