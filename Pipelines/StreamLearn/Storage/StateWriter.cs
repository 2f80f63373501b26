using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn;

/// <summary>Reuses memory; little-endian, with lengths before arrays and strings; <see cref="StateReader"/> has the same order.</summary>
internal readonly ref struct StateWriter
{
    /// <summary>Escape length: the length of the string follows in four bytes.</summary>
    internal const int LongText = ushort.MaxValue;

    private readonly StateBuffer _buffer;

    internal StateWriter(StateBuffer buffer) => _buffer = buffer;

    internal StateBuffer Buffer => _buffer;

    public void Write(bool value) => _buffer.Next(1)[0] = value ? (byte)1 : (byte)0;

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.Next(4), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(_buffer.Next(8), value);

    public void Write(float value) => BinaryPrimitives.WriteSingleLittleEndian(_buffer.Next(4), value);

    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(_buffer.Next(8), value);

    public void Write(long? value)
    {
        Write(value is not null);
        Write(value ?? 0);
    }

    public void Write(DateTimeOffset? value) => Write(value?.UtcTicks ?? -1);

    public void Write(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.Next(2), (ushort)Math.Min(length, LongText));
        if (length >= LongText) { BinaryPrimitives.WriteInt32LittleEndian(_buffer.Next(4), length); }
        Encoding.UTF8.GetBytes(value, _buffer.Next(length));
    }

    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        StateNumbers.Check<T>();
        Write(values.Length);
        var bytes = _buffer.Next(values.Length * Unsafe.SizeOf<T>());
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        StateNumbers.Order<T>(bytes);
    }

    /// <summary>The caller keeps the batch.</summary>
    public void Write(Batch? batch) => Write(batch, 0, batch?.Rows ?? 0);

    /// <summary>Writes rows as a batch of their own; the caller keeps the batch.</summary>
    public void Write(Batch? batch, int start, int rows)
    {
        Write(batch is not null);
        if (batch is null) { return; }
        if ((uint)start > (uint)batch.Rows || (uint)rows > (uint)(batch.Rows - start))
        {
            throw new ArgumentOutOfRangeException(nameof(rows), $"expected rows within 0 to {batch.Rows}, got {rows} from {start} on");
        }

        Write(batch.Schema);
        Write(rows);
        for (var c = 0; c < batch.Columns.Count; c++)
        {
            var column = batch.Columns[c];
            switch (column.Field.Type)
            {
                case ColumnType.Float32: Write(column.Values<float>().Slice(start, rows)); break;
                case ColumnType.Float64: Write(column.Values<double>().Slice(start, rows)); break;
                case ColumnType.Int32: Write(column.Values<int>().Slice(start, rows)); break;
                default: Write(column.Values<long>().Slice(start, rows)); break;
            }

            if (column.Field.Nullable) { column.CopyValidity(start, rows, NextBits(rows)); }
        }
    }

    public void Write(Batch? batch, ReadOnlySpan<int> rows)
    {
        Write(batch is not null);
        if (batch is null) { return; }
        Write(batch.Schema);
        Write(rows.Length);
        for (var c = 0; c < batch.Columns.Count; c++)
        {
            var column = batch.Columns[c];
            Write(rows.Length);
            switch (column.Field.Type)
            {
                case ColumnType.Float32: Gather(column.Values<float>(), rows); break;
                case ColumnType.Float64: Gather(column.Values<double>(), rows); break;
                case ColumnType.Int32: Gather(column.Values<int>(), rows); break;
                default: Gather(column.Values<long>(), rows); break;
            }

            if (column.Field.Nullable) { column.CopyValidity(rows, NextBits(rows.Length)); }
        }
    }

    public void Write(Schema? schema)
    {
        Write(schema?.Fields.Length ?? 0);
        if (schema is null) { return; }
        foreach (var field in schema.Fields)
        {
            Write(field.Name);
            _buffer.Next(1)[0] = (byte)((int)field.Type | ((int)field.Privacy << 4));
            Write(field.Unit.Symbol);
            Write(field.Nullable);
        }
    }

    private void Gather<T>(ReadOnlySpan<T> values, ReadOnlySpan<int> rows)
        where T : unmanaged
    {
        var bytes = _buffer.Next(rows.Length * Unsafe.SizeOf<T>());
        var gathered = MemoryMarshal.Cast<byte, T>(bytes);
        for (var i = 0; i < rows.Length; i++) { gathered[i] = values[rows[i]]; }
        StateNumbers.Order<T>(bytes);
    }

    /// <summary>A zeroed bitmap, after its length.</summary>
    private Span<byte> NextBits(int bits)
    {
        var length = (bits + 7) / 8;
        Write(length);
        var space = _buffer.Next(length);
        space.Clear();
        return space;
    }
}

internal static class StateNumbers
{
    internal static void Check<T>()
    {
        if (typeof(T) == typeof(byte) || typeof(T) == typeof(int) || typeof(T) == typeof(long) || typeof(T) == typeof(float)
            || typeof(T) == typeof(double))
        {
            return;
        }

        throw new NotSupportedException($"expected byte, int, long, float or double, got {typeof(T).Name}");
    }

    internal static void Order<T>(Span<byte> bytes)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian || Unsafe.SizeOf<T>() == 1) { return; }
        for (; bytes.Length > 0; bytes = bytes[Unsafe.SizeOf<T>()..]) { bytes[..Unsafe.SizeOf<T>()].Reverse(); }
    }
}
