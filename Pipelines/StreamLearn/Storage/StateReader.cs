using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn;

/// <summary>Reads the values that <see cref="StateWriter"/> wrote, in the same order, and validates lengths.</summary>
/// <remarks>Every method throws <see cref="StateException"/> on a mismatch.</remarks>
internal ref struct StateReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly BatchPool _pool;
    private readonly TimeSpan _away;
    private ReadOnlySpan<byte> _rest;

    internal StateReader(ReadOnlySpan<byte> bytes, BatchPool pool, TimeSpan away = default)
    {
        _rest = bytes;
        _pool = pool;
        _away = away;
    }

    internal readonly BatchPool Pool => _pool;

    /// <summary>The format in which the state was written; empty: unknown, so the newest.</summary>
    public string Format { readonly get => field ?? ""; internal set; }

    internal readonly bool HasEnded => _rest.IsEmpty;

    internal readonly int Left => _rest.Length;

    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new StateException($"expected 0 or 1, got {other}"),
    };

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public int ReadInt32(int least, int most)
    {
        var value = ReadInt32();
        return value >= least && value <= most ? value : throw new StateException($"expected {least} to {most}, got {value}");
    }

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public long? ReadNumber()
    {
        var (has, value) = (ReadBoolean(), ReadInt64());
        return has ? value : null;
    }

    /// <summary>A time on the run's clock, shifted by the downtime; null: none.</summary>
    public DateTimeOffset? ReadClockTime()
    {
        var read = ReadTime();
        return read is not { } time || time == DateTimeOffset.MinValue || time == DateTimeOffset.MaxValue     // min or max: no time
            ? read
            : new DateTimeOffset(Math.Clamp(time.Ticks + _away.Ticks, 1, DateTimeOffset.MaxValue.Ticks - 1), TimeSpan.Zero);
    }

    /// <summary>A time in UTC as it was written, such as a message's; null: none.</summary>
    public DateTimeOffset? ReadTime()
    {
        var ticks = ReadInt64();
        return ticks == -1 ? null : ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new(ticks, TimeSpan.Zero)
            : throw new StateException($"expected a time, got {ticks} ticks");
    }

    public string ReadText()
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        if (length == StateWriter.LongText) { length = BinaryPrimitives.ReadInt32LittleEndian(Take(4)); }
        if (length < 0) { throw new StateException($"expected the length of a string, got {length}"); }
        var bytes = Take(length);
        try { return Strict.GetString(bytes); }
        catch (DecoderFallbackException) { throw new StateException("expected a string in UTF-8"); }
    }

    public void Read<T>(scoped Span<T> values)
        where T : unmanaged
    {
        StateNumbers.Check<T>();
        var count = ReadInt32();
        if (count != values.Length) { throw new StateException($"expected {values.Length} numbers, got {count}"); }
        var to = MemoryMarshal.AsBytes(values);
        Take(to.Length).CopyTo(to);
        StateNumbers.Order<T>(to);
    }

    public T[] ReadArray<T>(int most)
        where T : unmanaged
    {
        StateNumbers.Check<T>();
        var count = ReadInt32(0, most);
        var bytes = Take((long)count * Unsafe.SizeOf<T>());
        var values = new T[count];
        var to = MemoryMarshal.AsBytes(values.AsSpan());
        bytes.CopyTo(to);
        StateNumbers.Order<T>(to);
        return values;
    }

    /// <summary>The caller owns the batch; null: none.</summary>
    public Batch? ReadBatch()
    {
        if (!ReadBoolean()) { return null; }
        var schema = ReadSchema() ?? throw new StateException("expected the columns of a batch, got none");
        var rows = ReadInt32(0, int.MaxValue);
        if ((long)rows * schema.RowBytes > _rest.Length) { throw Short((long)rows * schema.RowBytes); }
        var batch = _pool.Rent(schema, rows);
        try
        {
            for (var c = 0; c < batch.Columns.Count; c++)
            {
                var column = batch.Columns[c];
                switch (column.Field.Type)
                {
                    case ColumnType.Float32: Read(column.Writable<float>()); break;
                    case ColumnType.Float64: Read(column.Writable<double>()); break;
                    case ColumnType.Int32: Read(column.Writable<int>()); break;
                    default: Read(column.Writable<long>()); break;
                }

                if (column.Field.Nullable) { Read(column.WritableValidity); }
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    public Schema? ReadSchema()
    {
        var fields = new Field[ReadInt32(0, Schema.MaxColumns)];
        if (fields.Length == 0) { return null; }
        foreach (ref var field in fields.AsSpan())
        {
            var (name, kind) = (ReadText(), Take(1)[0]);
            var (type, privacy) = ((ColumnType)(kind & 0xF), (PrivacyLabel)(kind >> 4));
            if (!Enum.IsDefined(type) || !Enum.IsDefined(privacy))
            {
                throw new StateException($"expected a type of columns and a label, got {kind}");
            }

            field = new(name, type, new(ReadText()), ReadBoolean()) { Privacy = privacy };
        }

        try { return new(fields); }
        catch (ArgumentException e) { throw new StateException(e.Message); }
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _rest.Length) { throw Short(count); }
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private readonly StateException Short(long count) => new($"expected {count} more bytes, got {_rest.Length}");
}
