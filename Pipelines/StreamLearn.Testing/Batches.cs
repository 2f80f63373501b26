namespace StreamLearn.Testing;

/// <summary>Makes batches for tests, and compares and hashes them bit for bit.</summary>
public static class Batches
{
    /// <summary>Makes a batch of the given columns.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="columns">The values of the columns: float[], double[], int[] or long[]; float?[], double?[], int?[] or long?[] with
    /// missing values.</param>
    /// <exception cref="ArgumentException">A column is missing, or has another type or length.</exception>
    public static Batch Of(BatchPool pool, Schema schema, params Array[] columns)
    {
        if (columns.Length != schema.Fields.Length)
        {
            throw new ArgumentException($"expected {schema.Fields.Length} columns, got {columns.Length}", nameof(columns));
        }

        if (columns.Any(c => c.Length != columns[0].Length))
        {
            throw new ArgumentException("the columns have different lengths", nameof(columns));
        }

        var batch = pool.Rent(schema, columns[0].Length);
        for (var c = 0; c < columns.Length; c++) { Write(batch.Columns[c], columns[c]); }
        return batch;
    }

    /// <summary>Makes a batch of channels <c>c0</c>, <c>c1</c>, … without a unit.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="channels">The values of each channel.</param>
    public static Batch OfChannels(BatchPool pool, params float[][] channels) => Of(pool, Channels(channels.Length), [.. channels]);

    /// <summary>Makes a schema of channels <c>c0</c>, <c>c1</c>, … without a unit.</summary>
    /// <param name="count">Channels, at least 1.</param>
    public static Schema Channels(int count) => new(Enumerable.Range(0, count).Select(i => Field.Channel($"c{i}", Unit.One)));

    /// <summary>Makes a random batch: channels standard normal, integers from 0 to 5, time in steps of 20 ms, and one in eight nullable
    /// values missing.</summary>
    public static Batch Random(BatchPool pool, Schema schema, int rows, long seed)
    {
        var random = new RandomStream(seed, "test-batch");
        var batch = pool.Rent(schema, rows);
        for (var c = 0; c < schema.Fields.Length; c++)
        {
            var column = batch.Columns[c];
            for (var row = 0; row < rows; row++)
            {
                switch (column.Field.Type)
                {
                    case ColumnType.Float32: column.Writable<float>()[row] = (float)random.NextGaussian(); break;
                    case ColumnType.Float64: column.Writable<double>()[row] = random.NextGaussian(); break;
                    case ColumnType.Int32: column.Writable<int>()[row] = random.NextInt32(6); break;
                    case ColumnType.Int64 when column.Field.Name == Schema.TimeColumn:
                        column.Writable<long>()[row] = row * 20_000_000L;
                        break;
                    default: column.Writable<long>()[row] = random.NextInt64(6); break;
                }

                if (column.Field.Nullable) { column.SetValid(row, random.NextInt32(8) != 0); }
            }
        }

        return batch;
    }

    /// <summary>Splits a batch into copies of the given sizes and disposes it; remaining rows form a last piece.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="sizes">Rows in each piece, 0 or more.</param>
    public static IReadOnlyList<Batch> Split(Batch batch, params IEnumerable<int> sizes)
    {
        var pieces = new List<Batch>();
        var start = 0;
        foreach (var size in sizes)
        {
            var rows = Math.Min(size, batch.Rows - start);
            pieces.Add(batch.Copy(start, rows));
            start += rows;
        }

        if (start < batch.Rows) { pieces.Add(batch.Copy(start, batch.Rows - start)); }
        batch.Dispose();
        return pieces;
    }

    /// <summary>Returns true if schema, rows, missing values and bits are equal.</summary>
    public static bool AreEqual(Batch first, Batch second) => Difference(first, second) is null;

    /// <summary>Describes the first difference of two batches, bit for bit; null if equal. Bits of missing values are ignored.</summary>
    public static string? Difference(Batch first, Batch second)
    {
        if (!first.Schema.Equals(second.Schema)) { return $"schema: {first.Schema} | {second.Schema}"; }
        if (first.Rows != second.Rows) { return $"rows: {first.Rows} | {second.Rows}"; }
        for (var c = 0; c < first.Schema.Fields.Length; c++)
        {
            for (var row = 0; row < first.Rows; row++)
            {
                var (a, b) = (Bits(first.Columns[c], row), Bits(second.Columns[c], row));
                if (a != b) { return $"column '{first.Schema.Fields[c].Name}', row {row}: {Text(a)} | {Text(b)}"; }
            }
        }

        return null;
    }

    /// <summary>Returns a 64-bit hash of schema, rows, missing values and bits. Source: FNV-1a.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="hash">The previous batch's hash, to chain several.</param>
    public static ulong Hash(Batch batch, ulong hash = 14695981039346656037UL)
    {
        hash = Mix(hash, batch.Schema.Hash);
        hash = Mix(hash, (ulong)batch.Rows);
        for (var c = 0; c < batch.Schema.Fields.Length; c++)
        {
            for (var row = 0; row < batch.Rows; row++)
            {
                var bits = Bits(batch.Columns[c], row);
                hash = Mix(hash, bits is { } value ? (ulong)value : 0x5EED_0F_ABBEUL);
            }
        }

        return hash;
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        for (var i = 0; i < 8; i++) { hash = (hash ^ ((value >> (8 * i)) & 0xFF)) * 1099511628211UL; }
        return hash;
    }

    private static string Text(long? bits) => bits is { } value ? $"0x{value:X}" : "missing";

    private static long? Bits(Column column, int row) => !column.IsValid(row) ? null : column.Field.Type switch
    {
        ColumnType.Float32 => BitConverter.SingleToInt32Bits(column.Values<float>()[row]),
        ColumnType.Float64 => BitConverter.DoubleToInt64Bits(column.Values<double>()[row]),
        ColumnType.Int32 => column.Values<int>()[row],
        _ => column.Values<long>()[row],
    };

    private static void Write(Column column, Array values)
    {
        switch (values)
        {
            case float[] v: v.CopyTo(column.Writable<float>()); break;
            case double[] v: v.CopyTo(column.Writable<double>()); break;
            case int[] v: v.CopyTo(column.Writable<int>()); break;
            case long[] v: v.CopyTo(column.Writable<long>()); break;
            case float?[] v: Write(column, v); break;
            case double?[] v: Write(column, v); break;
            case int?[] v: Write(column, v); break;
            case long?[] v: Write(column, v); break;
            default: throw new ArgumentException($"column '{column.Field.Name}': no column holds {values.GetType().Name}", nameof(values));
        }
    }

    private static void Write<T>(Column column, T?[] values)
        where T : unmanaged
    {
        for (var row = 0; row < values.Length; row++)
        {
            column.Writable<T>()[row] = values[row] ?? default;
            if (column.Field.Nullable || values[row] is null) { column.SetValid(row, values[row] is not null); }
        }
    }
}
