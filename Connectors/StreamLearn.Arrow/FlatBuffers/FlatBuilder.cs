using System.Text;

namespace StreamLearn.Arrow;

/// <summary>Writes backward, with referenced objects first. Positions count from the end, so they stay valid on growth. Source: FlatBuffers
/// internals.</summary>
internal sealed class FlatBuilder
{
    private byte[] _bytes = new byte[1024];
    private int _length;
    private int _align = 1;
    private int _tableStart;
    private readonly List<(int Field, int Place)> _fields = [];

    internal int Length => _length;

    internal int Text(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        Prepare(4, count + 1);
        Reserve(1)[0] = 0;
        Encoding.UTF8.GetBytes(text, Reserve(count));
        return Put32(count);
    }

    internal int Tables(ReadOnlySpan<int> tables)
    {
        Prepare(4, 4 * tables.Length);
        for (var i = tables.Length - 1; i >= 0; i--) { PutOffset(tables[i]); }
        return Put32(tables.Length);
    }

    internal int Structs(ReadOnlySpan<byte> bytes, int count)
    {
        Prepare(4, bytes.Length);
        Prepare(8, bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
        return Put32(count);
    }

    internal void Begin()
    {
        _fields.Clear();
        _tableStart = _length;
    }

    internal void Byte(int field, int value)
    {
        Reserve(1)[0] = (byte)value;
        _fields.Add((field, _length));
    }

    internal void Int16(int field, int value)
    {
        Prepare(2, 0);
        BinaryPrimitives.WriteInt16LittleEndian(Reserve(2), (short)value);
        _fields.Add((field, _length));
    }

    internal void Int32(int field, int value)
    {
        Prepare(4, 0);
        Put32(value);
        _fields.Add((field, _length));
    }

    internal int Int64(int field, long value)
    {
        Prepare(8, 0);
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        _fields.Add((field, _length));
        return _length;
    }

    internal void Offset(int field, int place)
    {
        if (place == 0) { return; }
        Prepare(4, 0);
        PutOffset(place);
        _fields.Add((field, _length));
    }

    internal int End()
    {
        Prepare(4, 0);
        Put32(0);
        var table = _length;
        var last = -1;
        foreach (var (field, _) in _fields) { last = Math.Max(last, field); }
        var vtable = Reserve((2 * (last + 1)) + 4);
        vtable.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(vtable, (ushort)vtable.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(vtable[2..], (ushort)(table - _tableStart));
        foreach (var (field, place) in _fields)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(vtable[(4 + (2 * field))..], (ushort)(table - place));
        }

        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_bytes.Length - table), _length - table);
        return table;
    }

    /// <summary>Completes the buffer; positions become <c>Length − position</c>.</summary>
    internal byte[] Finish(int root)
    {
        Prepare(Math.Max(_align, 8), 4);
        PutOffset(root);
        return _bytes[^_length..];
    }

    private int Put32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);
        return _length;
    }

    private void PutOffset(int place)
    {
        var from = _length + 4;
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), from - place);
    }

    /// <summary>Pads so that the position after <c>more</c> bytes is aligned.</summary>
    private void Prepare(int width, int more)
    {
        _align = Math.Max(_align, width);
        Reserve(-(_length + more) & (width - 1)).Clear();
    }

    private Span<byte> Reserve(int count)
    {
        while (_length + count > _bytes.Length)
        {
            var larger = new byte[2 * _bytes.Length];
            _bytes.CopyTo(larger, _bytes.Length);
            _bytes = larger;
        }

        _length += count;
        return _bytes.AsSpan(_bytes.Length - _length, count);
    }
}
