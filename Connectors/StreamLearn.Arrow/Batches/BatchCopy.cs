using System.Runtime.InteropServices;

namespace StreamLearn.Arrow;

internal static class BatchCopy
{
    internal static Batch Rows(BatchPlan plan, ArrowBatch from, int start, int rows, BatchPool pool)
    {
        var batch = pool.Rent(plan.Schema, rows);
        try
        {
            for (var c = 0; c < plan.Columns.Length; c++)
            {
                var column = plan.Columns[c];
                var (source, target) = (from.Columns[column.Index], batch.Columns[c]);
                CopyValues(column, source, start, target.WritableBytes, rows);
                if (source.NullCount > 0) { CopyValidity(source, start, target.WritableValidity, rows); }
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private static void CopyValues(BatchColumn column, ArrowArray source, int start, Span<byte> target, int rows)
    {
        switch (column.Way)
        {
            case ColumnWay.Same:
                var width = target.Length / Math.Max(rows, 1);
                source.Data.Span.Slice(start * width, rows * width).CopyTo(target);
                break;
            case ColumnWay.Scaled:
                Scale(source, start, MemoryMarshal.Cast<byte, long>(target), column.Scale);
                break;
            case ColumnWay.Numbers:
                var numbers = MemoryMarshal.Cast<byte, float>(target);
                for (var row = 0; row < rows; row++) { numbers[row] = (float)source.Number(start + row); }
                break;
            default:
                Integers(column, source, start, target, rows);
                break;
        }
    }

    private static void Scale(ArrowArray source, int start, Span<long> target, long scale)
    {
        var values = source.Values<long>().Slice(start, target.Length);
        for (var row = 0; row < target.Length; row++)
        {
            if (!source.IsValid(start + row)) { target[row] = 0; }
            else if (values[row] > long.MaxValue / scale || values[row] < long.MinValue / scale)
            {
                throw DoesNotFit(source, start + row, "nanoseconds of 64 bits");
            }
            else { target[row] = values[row] * scale; }
        }
    }

    private static void Integers(BatchColumn column, ArrowArray source, int start, Span<byte> target, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            long value = 0;
            if (source.IsValid(start + row))
            {
                if (source.Stored == ArrowKind.UInt64 && source.Values<ulong>()[start + row] > long.MaxValue)
                {
                    throw DoesNotFit(source, start + row, "int64");
                }

                value = source.Stored == ArrowKind.Bool ? source.Flag(start + row) ? 1 : 0 : source.Integer(start + row);
            }

            if (column.Type == ColumnType.Int64) { MemoryMarshal.Cast<byte, long>(target)[row] = value; }
            else if (value == (int)value) { MemoryMarshal.Cast<byte, int>(target)[row] = (int)value; }
            else { throw DoesNotFit(source, start + row, "int32"); }
        }
    }

    private static void CopyValidity(ArrowArray source, int start, Span<byte> target, int rows)
    {
        var bits = source.Validity.Span;
        if ((start & 7) == 0)
        {
            bits.Slice(start >> 3, Bits.Bytes(rows)).CopyTo(target);
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            if (!Bits.At(bits, start + row)) { target[row >> 3] &= (byte)~(1 << (row & 7)); }
        }
    }

    private static ArrowFormatException DoesNotFit(ArrowArray source, int row, string type) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"column '{source.Field.Name}': expected a value that fits into {type}, got another in row {row}"));
}
