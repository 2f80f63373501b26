using System.Runtime.CompilerServices;
using System.Text;

namespace StreamLearn.Arrow;

/// <summary>A table in a flat buffer; every offset and length is checked when it is followed. Source: FlatBuffers internals.</summary>
internal readonly ref struct FlatTable
{
    private const int OffsetBytes = 4;
    private const int VtableHead = 4;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _at;
    private readonly int _end;
    private readonly int _vtable;
    private readonly int _vtableEnd;

    private FlatTable(ReadOnlySpan<byte> bytes, long at)
    {
        _bytes = bytes;
        if (at < OffsetBytes || at > bytes.Length - OffsetBytes) { throw Outside(); }
        var vtable = at - BinaryPrimitives.ReadInt32LittleEndian(bytes[(int)at..]);
        if (vtable < 0 || vtable > bytes.Length - VtableHead) { throw Outside(); }
        (_at, _vtable) = ((int)at, (int)vtable);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[_vtable..]);
        var tableLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(_vtable + 2)..]);
        if (length < VtableHead || (length & 1) != 0 || length > bytes.Length - _vtable) { throw Outside(); }
        if (tableLength < OffsetBytes || tableLength > bytes.Length - _at) { throw Outside(); }
        (_vtableEnd, _end) = (_vtable + length, _at + tableLength);
    }

    internal static FlatTable Root(ReadOnlySpan<byte> bytes) =>
        bytes.Length < OffsetBytes ? throw Outside() : new(bytes, BinaryPrimitives.ReadUInt32LittleEndian(bytes));

    internal bool Has(int field) => Find(field, 1) != 0;

    internal bool Flag(int field) => Byte(field, 0) != 0;

    internal byte Byte(int field, byte otherwise) => Find(field, 1) is var at and > 0 ? _bytes[at] : otherwise;

    internal short Int16(int field, short otherwise) =>
        Find(field, 2) is var at and > 0 ? BinaryPrimitives.ReadInt16LittleEndian(_bytes[at..]) : otherwise;

    internal int Int32(int field, int otherwise) =>
        Find(field, 4) is var at and > 0 ? BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]) : otherwise;

    internal long Int64(int field, long otherwise) =>
        Find(field, 8) is var at and > 0 ? BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]) : otherwise;

    internal bool TryTable(int field, out FlatTable table)
    {
        var at = Find(field, OffsetBytes);
        if (at == 0)
        {
            table = default;
            return false;
        }

        table = new(_bytes, at + (long)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[at..]));
        return true;
    }

    internal ReadOnlySpan<byte> Vector(int field, int width, out int count)
    {
        count = 0;
        var at = Find(field, OffsetBytes);
        if (at == 0) { return default; }
        var start = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[at..]);
        if (start > _bytes.Length - OffsetBytes) { throw Outside(); }
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(int)start..]);
        if (length * (long)width > _bytes.Length - start - OffsetBytes) { throw Outside(); }
        count = (int)length;
        return _bytes.Slice((int)start + OffsetBytes, count * width);
    }

    internal int Tables(int field)
    {
        Vector(field, OffsetBytes, out var count);
        return count;
    }

    internal FlatTable Table(int field, int index)
    {
        var at = Find(field, OffsetBytes);
        var entry = at + (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[at..]) + OffsetBytes + (index * OffsetBytes);
        return new(_bytes, entry + (long)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[entry..]));
    }

    internal string? Text(int field)
    {
        var bytes = Vector(field, 1, out _);
        if (bytes.IsEmpty && !Has(field)) { return null; }
        try { return Strict.GetString(bytes); }
        catch (DecoderFallbackException) { throw new ArrowFormatException("expected a UTF-8 string in the metadata, got other bytes"); }
    }

    /// <summary>0 if it is absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(int field, int width)
    {
        var entry = _vtable + VtableHead + (2 * field);
        if (entry >= _vtableEnd) { return 0; }
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[entry..]);
        if (offset == 0) { return 0; }
        if (offset < OffsetBytes || _at + offset > _end - width) { throw Outside(); }
        return _at + offset;
    }

    private static ArrowFormatException Outside() => new("expected a flat buffer, got an offset or length outside of it");
}
