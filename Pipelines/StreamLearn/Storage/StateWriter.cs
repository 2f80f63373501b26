using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn;

/// <summary>Writes the state of a block: numbers in little-endian order, arrays and texts with their lengths. <see cref="StateReader"/>
/// reads in the same order.</summary>
/// <remarks>It writes into memory that is used again for the next state: in steady state it allocates nothing.</remarks>
public readonly ref struct StateWriter
{
    private readonly StateBuffer _buffer;

    internal StateWriter(StateBuffer buffer) => _buffer = buffer;

    internal StateBuffer Buffer => _buffer;

    /// <summary>Writes a truth value.</summary>
    /// <param name="value">The value.</param>
    public void Write(bool value) => _buffer.Next(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a whole number of 32 bits.</summary>
    /// <param name="value">The value.</param>
    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(_buffer.Next(4), value);

    /// <summary>Writes a whole number of 64 bits.</summary>
    /// <param name="value">The value.</param>
    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(_buffer.Next(8), value);

    /// <summary>Writes a number of 32 bits, bit for bit.</summary>
    /// <param name="value">The value.</param>
    public void Write(float value) => BinaryPrimitives.WriteSingleLittleEndian(_buffer.Next(4), value);

    /// <summary>Writes a number of 64 bits, bit for bit.</summary>
    /// <param name="value">The value.</param>
    public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(_buffer.Next(8), value);

    /// <summary>Writes a whole number of 64 bits, or that there is none.</summary>
    /// <param name="value">The number; null for none.</param>
    public void Write(long? value)
    {
        Write(value is not null);
        Write(value ?? 0);
    }

    /// <summary>Writes a moment, or that there is none.</summary>
    /// <param name="value">The moment; null for none. Its offset from UTC is not kept.</param>
    public void Write(DateTimeOffset? value) => Write(value?.UtcTicks ?? -1);

    /// <summary>Writes a text.</summary>
    /// <param name="value">The text, of at most 65,535 bytes in UTF-8.</param>
    /// <exception cref="ArgumentException">It is longer.</exception>
    public void Write(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        if (length > ushort.MaxValue)
        {
            throw new ArgumentException($"expected a text of at most 65,535 bytes, got {length}", nameof(value));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.Next(2), (ushort)length);
        Encoding.UTF8.GetBytes(value, _buffer.Next(length));
    }

    /// <summary>Writes numbers, and before them how many there are.</summary>
    /// <typeparam name="T">byte, int, long, float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    /// <exception cref="NotSupportedException">The type is another.</exception>
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        StateNumbers.Check<T>();
        Write(values.Length);
        var bytes = _buffer.Next(values.Length * Unsafe.SizeOf<T>());
        MemoryMarshal.AsBytes(values).CopyTo(bytes);
        StateNumbers.Order<T>(bytes);
    }

    /// <summary>Writes a batch with its columns, or that there is none. It stays the caller's.</summary>
    /// <param name="batch">The batch, or null.</param>
    public void Write(Batch? batch)
    {
        Write(batch is not null);
        if (batch is null) { return; }
        Write(batch.Schema);
        Write(batch.Rows);
        for (var c = 0; c < batch.Columns.Count; c++)
        {
            var (column, field) = (batch.Columns[c], batch.Schema.Fields[c]);
            switch (field.Type)
            {
                case ColumnType.Float32: Write(column.Values<float>()); break;
                case ColumnType.Float64: Write(column.Values<double>()); break;
                case ColumnType.Int32: Write(column.Values<int>()); break;
                default: Write(column.Values<long>()); break;
            }

            if (field.Nullable) { Write(column.Validity); }
        }
    }

    /// <summary>Writes columns, or that there are none yet.</summary>
    /// <param name="schema">The columns, or null.</param>
    public void Write(Schema? schema)
    {
        Write(schema?.Fields.Length ?? 0);
        if (schema is null) { return; }
        foreach (var field in schema.Fields)
        {
            Write(field.Name);
            _buffer.Next(1)[0] = (byte)field.Type;
            Write(field.Unit.Symbol);
            Write(field.Nullable);
        }
    }
}

/// <summary>Memory for states, used again and again.</summary>
internal sealed class StateBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[256];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <inheritdoc />
    public void Advance(int count) => Length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    internal void Clear() => Length = 0;

    /// <summary>Bytes that were written, to be written again.</summary>
    internal Span<byte> At(int start, int count) => _bytes.AsSpan(start, count);

    /// <summary>The next bytes, to be written.</summary>
    internal Span<byte> Next(int count)
    {
        Reserve(count);
        var next = _bytes.AsSpan(Length, count);
        Length += count;
        return next;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count) { return; }
        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)Length + count)));
    }
}

/// <summary>Numbers as they stand in a state.</summary>
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

    /// <summary>Brings numbers from the order of this machine to that of a state, or back.</summary>
    internal static void Order<T>(Span<byte> bytes)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian || Unsafe.SizeOf<T>() == 1) { return; }
        for (; bytes.Length > 0; bytes = bytes[Unsafe.SizeOf<T>()..]) { bytes[..Unsafe.SizeOf<T>()].Reverse(); }
    }
}
