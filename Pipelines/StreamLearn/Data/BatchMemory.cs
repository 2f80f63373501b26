using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>A batch's memory: one pinned, reference-counted block with 64-byte aligned columns.</summary>
internal sealed class BatchMemory(int sizeClass)
{
    internal const int Alignment = 64;

    private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(BytesOf(sizeClass) + Alignment, pinned: true);
    private (int Offset, int Length)[] _columns = [];
    private int _origin = -1;
    private Schema? _schema;
    private int _rows;

    internal int References;

    internal int SizeClass { get; } = sizeClass;

    internal BatchMemory? NextFree { get; set; }

    internal int CapacityBytes => BytesOf(SizeClass);

    internal static int BytesOf(int sizeClass) => 256 << sizeClass;

    internal Span<byte> Values(int column)
    {
        var (offset, length) = _columns[column];
        return _block.AsSpan(offset, length);
    }

    internal ReadOnlyMemory<byte> ValuesMemory(int column)
    {
        var (offset, length) = _columns[column];
        return _block.AsMemory(offset, length);
    }

    internal Span<byte> Validity(int column)
    {
        var (offset, length) = _columns[column];
        return _block.AsSpan(Align(offset + length));
    }

    /// <summary>Requires the same layout.</summary>
    internal void CopyFrom(BatchMemory other, int bytes) => other._block.AsSpan(other._origin, bytes).CopyTo(_block.AsSpan(_origin));

    /// <summary>Requires the same column offset and width; the caller checks the rows.</summary>
    internal void CopyValues(int column, int row, BatchMemory other, int otherRow, int rows, int width) =>
        other._block.AsSpan(other._columns[column].Offset + (otherRow * width), rows * width)
            .CopyTo(_block.AsSpan(_columns[column].Offset + (row * width)));

    internal void Fill(byte value) => _block.AsSpan().Fill(value);

    internal static long BytesFor(Schema schema, int rows)
    {
        var bytes = 0L;
        foreach (var field in schema.Fields) { bytes += Align((long)field.Width * rows) + (field.Nullable ? Align((rows + 7) / 8) : 0); }

        return bytes;
    }

    internal void LayOut(Schema schema, int rows)
    {
        var fields = schema.Fields;
        if (_columns.Length < fields.Length) { _columns = new (int, int)[fields.Length]; }
        if (_origin < 0)
        {
            var address = Marshal.UnsafeAddrOfPinnedArrayElement(_block, 0);
            _origin = (int)((Alignment - (address & (Alignment - 1))) & (Alignment - 1));
        }

        if (!ReferenceEquals(schema, _schema) || rows != _rows) { Place(schema, rows); }
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Nullable) { Validity(i)[..((rows + 7) / 8)].Fill(0xFF); }
        }
    }

    /// <summary>Caches the last layout, because streams rent the same one repeatedly.</summary>
    private void Place(Schema schema, int rows)
    {
        (_schema, _rows) = (schema, rows);
        var fields = schema.Fields;
        var offset = _origin;
        for (var i = 0; i < fields.Length; i++)
        {
            var length = fields[i].Width * rows;
            _columns[i] = (offset, length);
            offset = Align(offset + length);
            if (fields[i].Nullable) { offset = Align(offset + ((rows + 7) / 8)); }
        }
    }

    private int Align(int offset) => _origin + (int)Align((long)(offset - _origin));

    private static long Align(long bytes) => (bytes + Alignment - 1) & ~(Alignment - 1L);
}
