using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>A view of one batch column: contiguous values, 64-byte aligned, with an optional validity bitmap. Valid as long as its
/// batch.</summary>
public readonly struct Column
{
    private readonly Batch _batch;
    private readonly int _index;

    internal Column(Batch batch, int index) => (_batch, _index) = (batch, index);

    /// <summary>Name, type and unit.</summary>
    public Field Field => _batch.Schema.Fields[_index];

    /// <summary>Rows in the batch.</summary>
    public int Rows => _batch.Rows;

    /// <summary>The validity bitmap, least significant bit first, 1 = present; empty if the column is not nullable. Source: Arrow columnar
    /// format.</summary>
    public ReadOnlySpan<byte> Validity => Bits;

    /// <summary>The writable validity bitmap; empty if the column is not nullable.</summary>
    /// <exception cref="InvalidOperationException">Another handle shares the memory.</exception>
    public Span<byte> WritableValidity
    {
        get
        {
            _batch.ThrowIfShared();
            return Bits;
        }
    }

    /// <summary>The values as bytes, each of <see cref="Field.Width"/> bytes in machine byte order.</summary>
    /// <exception cref="ObjectDisposedException">The batch was passed on or disposed.</exception>
    public ReadOnlyMemory<byte> Memory => _batch.Memory.ValuesMemory(_index);

    /// <summary>The values as writable bytes.</summary>
    /// <exception cref="InvalidOperationException">Another handle shares the memory.</exception>
    /// <exception cref="ObjectDisposedException">The batch was passed on or disposed.</exception>
    public Span<byte> WritableBytes
    {
        get
        {
            _batch.ThrowIfShared();
            return _batch.Memory.Values(_index);
        }
    }

    private Span<byte> Bits => Field.Nullable ? _batch.Memory.Validity(_index)[..((Rows + 7) / 8)] : default;

    /// <summary>Returns the values, read-only.</summary>
    /// <typeparam name="T">The type of the field: float, double, int or long.</typeparam>
    /// <exception cref="InvalidOperationException">The column has another type.</exception>
    /// <exception cref="ObjectDisposedException">The batch was passed on or disposed.</exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged => Span<T>();

    /// <summary>Returns the writable values. The batch must stay unshared while the span is used.</summary>
    /// <typeparam name="T">The type of the field: float, double, int or long.</typeparam>
    /// <exception cref="InvalidOperationException">The column has another type, or the memory is shared: call
    /// <see cref="Batch.ToWritable"/> first.</exception>
    /// <exception cref="ObjectDisposedException">The batch was passed on or disposed.</exception>
    public Span<T> Writable<T>()
        where T : unmanaged
    {
        _batch.ThrowIfShared();
        return Span<T>();
    }

    private Span<T> Span<T>()
        where T : unmanaged
    {
        if (TypeOf<T>() != Field.Type)
        {
            throw new InvalidOperationException($"column '{Field.Name}' holds {Field.Type}, not {typeof(T).Name}");
        }

        return MemoryMarshal.Cast<byte, T>(_batch.Memory.Values(_index))[..Rows];
    }

    /// <summary>True if a row's value is present.</summary>
    /// <param name="row">The row, from 0.</param>
    public bool IsValid(int row)
    {
        var bits = Validity;
        return bits.IsEmpty || (bits[row >> 3] & (1 << (row & 7))) != 0;
    }

    /// <summary>Marks a row's value as present or missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="valid">True: present; false: missing.</param>
    /// <exception cref="InvalidOperationException">The column is not nullable, or the batch is shared.</exception>
    public void SetValid(int row, bool valid)
    {
        _batch.ThrowIfShared();
        var bits = Bits;
        if (bits.IsEmpty) { throw new InvalidOperationException($"column '{Field.Name}' has no validity bitmap"); }
        var mask = (byte)(1 << (row & 7));
        bits[row >> 3] = (byte)(valid ? bits[row >> 3] | mask : bits[row >> 3] & ~mask);
    }

    /// <summary>Counts missing values.</summary>
    public int CountMissing()
    {
        var bits = Validity;
        if (bits.IsEmpty) { return 0; }
        var present = 0;
        foreach (var value in bits[..(Rows >> 3)]) { present += BitOperations.PopCount(value); }
        if ((Rows & 7) != 0) { present += BitOperations.PopCount((uint)bits[^1] & ((1u << (Rows & 7)) - 1)); }
        return Rows - present;
    }

    /// <summary>Copies values and validity from a column of the same type.</summary>
    /// <param name="row">The first row to write.</param>
    /// <param name="source">The column to read.</param>
    /// <param name="sourceRow">The first row to read.</param>
    /// <param name="rows">Rows to copy.</param>
    /// <exception cref="SchemaException">The types differ, or only the source is nullable.</exception>
    /// <exception cref="InvalidOperationException">The batch is shared.</exception>
    public void CopyFrom(int row, Column source, int sourceRow, int rows)
    {
        _batch.ThrowIfShared();
        var (to, from) = (Field, source.Field);
        if (to.Type != from.Type || (from.Nullable && !to.Nullable)) { throw new SchemaException($"cannot copy column {from} into {to}"); }
        var width = to.Width;
        source._batch.Memory.Values(source._index).Slice(sourceRow * width, rows * width)
            .CopyTo(_batch.Memory.Values(_index)[(row * width)..]);
        if (!to.Nullable) { return; }
        if (from.Nullable) { CopyBits(source.Bits, sourceRow, Bits, row, rows); }
        else { FillBits(Bits, row, rows); }
    }

    internal void CopyFrom(Column source, ReadOnlySpan<int> rows)
    {
        var from = source._batch.Memory.Values(source._index);
        var to = _batch.Memory.Values(_index);
        if (Field.Width == sizeof(ulong)) { Gather(MemoryMarshal.Cast<byte, ulong>(from), MemoryMarshal.Cast<byte, ulong>(to), rows); }
        else { Gather(MemoryMarshal.Cast<byte, uint>(from), MemoryMarshal.Cast<byte, uint>(to), rows); }
        if (!Field.Nullable) { return; }
        for (var row = 0; row < rows.Length; row++) { SetBit(Bits, row, source.Bits, rows[row]); }
    }

    /// <summary>Requires that the target is zeroed.</summary>
    internal void CopyValidity(int row, int rows, Span<byte> target) => CopyBits(Bits, row, target, 0, rows);

    internal void CopyValidity(ReadOnlySpan<int> rows, Span<byte> target)
    {
        for (var i = 0; i < rows.Length; i++) { SetBit(target, i, Bits, rows[i]); }
    }

    private static void Gather<T>(ReadOnlySpan<T> from, Span<T> to, ReadOnlySpan<int> rows)
    {
        for (var row = 0; row < rows.Length; row++) { to[row] = from[rows[row]]; }
    }

    /// <summary>Writes one target byte at a time. Within one bitmap, it copies only towards the start.</summary>
    private static void CopyBits(ReadOnlySpan<byte> source, int from, Span<byte> target, int to, int bits)
    {
        for (; bits > 0 && (to & 7) != 0; bits--) { SetBit(target, to++, source, from++); }
        if ((from & 7) == 0)
        {
            source.Slice(from >> 3, bits >> 3).CopyTo(target[(to >> 3)..]);
            (from, to, bits) = (from + (bits & ~7), to + (bits & ~7), bits & 7);
        }

        for (var shift = from & 7; bits >= 8; bits -= 8)
        {
            var low = source[from >> 3] >> shift;
            target[to >> 3] = (byte)(low | (source[(from >> 3) + 1] << (8 - shift)));
            (from, to) = (from + 8, to + 8);
        }

        for (; bits > 0; bits--) { SetBit(target, to++, source, from++); }
    }

    private static void SetBit(Span<byte> target, int to, ReadOnlySpan<byte> source, int from)
    {
        var bit = (source[from >> 3] >> (from & 7)) & 1;
        target[to >> 3] = (byte)((target[to >> 3] & ~(1 << (to & 7))) | (bit << (to & 7)));
    }

    private static void FillBits(Span<byte> target, int to, int bits)
    {
        for (var end = to + bits; to < end; to++) { target[to >> 3] |= (byte)(1 << (to & 7)); }
    }

    private static ColumnType TypeOf<T>()
    {
        if (typeof(T) == typeof(float)) { return ColumnType.Float32; }
        if (typeof(T) == typeof(double)) { return ColumnType.Float64; }
        if (typeof(T) == typeof(int)) { return ColumnType.Int32; }
        if (typeof(T) == typeof(long)) { return ColumnType.Int64; }
        throw new InvalidOperationException($"no column holds {typeof(T).Name}");
    }
}
