using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Arrow;

/// <summary>Gathers arrays as the nodes and buffers of a message: what slices leave out is left out, and offsets begin at 0.</summary>
internal sealed class BodyWriting(bool compresses)
{
    private const int Alignment = Messages.Alignment;
    private const int LengthBytes = sizeof(long);

    private readonly ArrayBufferWriter<byte> _nodes = new();
    private readonly ArrayBufferWriter<byte> _places = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private byte[] _packed = [];

    /// <summary>The body, padded.</summary>
    internal ReadOnlySpan<byte> Body => _body.WrittenSpan;

    internal void Clear()
    {
        _nodes.ResetWrittenCount();
        _places.ResetWrittenCount();
        _body.ResetWrittenCount();
    }

    /// <summary>True if another one has the same nodes and buffers.</summary>
    internal bool HasSame(BodyWriting other) => _nodes.WrittenSpan.SequenceEqual(other._nodes.WrittenSpan)
        && _places.WrittenSpan.SequenceEqual(other._places.WrittenSpan) && Body.SequenceEqual(other.Body);

    internal void Add(ArrowArray array)
    {
        var (kind, length) = (array.Stored, array.Length);
        Put(_nodes, length, kind == ArrowKind.Null ? length : array.NullCount);
        if (kind == ArrowKind.Null) { return; }
        Add(array.NullCount == 0 ? default : array.Validity[..Bits.Bytes(length)], length);
        if (ArrayChecks.HasOffsets(kind))
        {
            Add(ArrowArrays.FromZero(array, kind));
            if (!ArrayChecks.IsNested(kind)) { Add(array.Data[ArrowArrays.Used(array)]); }
        }
        else if (kind == ArrowKind.Bool) { Add(array.Data[..Bits.Bytes(length)], length); }
        else if (!ArrayChecks.IsNested(kind))
        {
            Add(array.Data[..(length * ArrowType.BytesOf(kind, array.Field.Type.Width))]);
        }

        for (var i = 0; i < array.Children.Length; i++) { Add(ArrowArrays.UsedChild(array, kind, i)); }
    }

    /// <summary>Writes the metadata of a record batch, and gives its place.</summary>
    internal int Write(FlatBuilder flat, int rows)
    {
        var compression = 0;
        if (compresses)
        {
            flat.Begin();
            flat.Byte(0, 0);
            flat.Byte(1, 0);
            compression = flat.End();
        }

        var buffers = flat.Structs(_places.WrittenSpan, _places.WrittenCount / 16);
        var nodes = flat.Structs(_nodes.WrittenSpan, _nodes.WrittenCount / 16);
        flat.Begin();
        flat.Int64((int)Ipc.BatchField.Length, rows);
        flat.Offset((int)Ipc.BatchField.Nodes, nodes);
        flat.Offset((int)Ipc.BatchField.Buffers, buffers);
        flat.Offset((int)Ipc.BatchField.Compression, compression);
        return flat.End();
    }

    /// <summary>Adds a bitmap, without the bits behind its last.</summary>
    private void Add(ReadOnlyMemory<byte> bitmap, int bits)
    {
        if ((bits & 7) == 0 || bitmap.IsEmpty)
        {
            Add(bitmap);
            return;
        }

        var copy = bitmap.ToArray();
        copy[^1] &= (byte)((1 << (bits & 7)) - 1);
        Add(copy);
    }

    private void Add(ReadOnlyMemory<byte> bytes)
    {
        var start = _body.WrittenCount;
        if (compresses && !bytes.IsEmpty) { Pack(bytes.Span); }
        else { _body.Write(bytes.Span); }
        Put(_places, start, _body.WrittenCount - start);
        var padding = -_body.WrittenCount & (Alignment - 1);
        _body.GetSpan(Alignment)[..padding].Clear();
        _body.Advance(padding);
    }

    private void Pack(ReadOnlySpan<byte> bytes)
    {
        if (_packed.Length < Lz4Frame.MaxLength(bytes.Length)) { _packed = new byte[Lz4Frame.MaxLength(bytes.Length)]; }
        var length = Lz4Frame.Encode(bytes, _packed);
        var isSmaller = length < bytes.Length;
        BinaryPrimitives.WriteInt64LittleEndian(_body.GetSpan(LengthBytes), isSmaller ? bytes.Length : -1);
        _body.Advance(LengthBytes);
        _body.Write(isSmaller ? _packed.AsSpan(0, length) : bytes);
    }

    private static void Put(ArrayBufferWriter<byte> to, long first, long second)
    {
        var pair = to.GetSpan(16);
        BinaryPrimitives.WriteInt64LittleEndian(pair, first);
        BinaryPrimitives.WriteInt64LittleEndian(pair[8..], second);
        to.Advance(16);
    }
}
