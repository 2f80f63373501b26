using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

/// <summary>Rows stored column by column, so that building a batch needs one copy per column.</summary>
internal sealed class RowStage
{
    private readonly byte[] _values;
    private readonly int[] _offsets;
    private readonly List<(int Row, int Column)> _missing = [];

    internal RowStage(Schema schema, int capacity)
    {
        (Schema, Capacity, _offsets) = (schema, capacity, new int[schema.Fields.Length]);
        var bytes = 0;
        for (var c = 0; c < _offsets.Length; c++)
        {
            _offsets[c] = bytes;
            bytes += capacity * Width(c);
        }

        _values = new byte[bytes];
    }

    internal Schema Schema { get; }

    internal int Capacity { get; }

    internal int Rows { get; set; }

    internal bool IsFull(int refused) => Rows == Capacity || refused == RowsReading.MaxRefused;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref T At<T>(int column, int row)
        where T : unmanaged =>
        ref Unsafe.As<byte, T>(ref Unsafe.Add(
            ref MemoryMarshal.GetArrayDataReference(_values), (nint)(uint)_offsets[column] + ((nint)(uint)row * Unsafe.SizeOf<T>())));

    internal void Miss(int column, int row)
    {
        if (Width(column) == 4) { At<int>(column, row) = 0; }
        else { At<long>(column, row) = 0; }
        _missing.Add((row, column));
    }

    internal void Undo()
    {
        while (_missing.Count > 0 && _missing[^1].Row >= Rows) { _missing.RemoveAt(_missing.Count - 1); }
    }

    internal void Clear()
    {
        Rows = 0;
        _missing.Clear();
    }

    internal Batch Take(BatchPool pool)
    {
        var batch = pool.Rent(Schema, Rows);
        for (var c = 0; c < _offsets.Length; c++)
        {
            var from = _values.AsSpan(_offsets[c], Rows * Width(c));
            var column = batch.Columns[c];
            switch (Schema.Fields[c].Type)
            {
                case ColumnType.Float32: MemoryMarshal.Cast<byte, float>(from).CopyTo(column.Writable<float>()); break;
                case ColumnType.Float64: MemoryMarshal.Cast<byte, double>(from).CopyTo(column.Writable<double>()); break;
                case ColumnType.Int32: MemoryMarshal.Cast<byte, int>(from).CopyTo(column.Writable<int>()); break;
                default: MemoryMarshal.Cast<byte, long>(from).CopyTo(column.Writable<long>()); break;
            }
        }

        foreach (var (row, column) in _missing) { batch.Columns[column].SetValid(row, false); }
        Clear();
        return batch;
    }

    private int Width(int column) => Schema.Fields[column].Type is ColumnType.Float32 or ColumnType.Int32 ? 4 : 8;
}
