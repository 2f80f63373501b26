using Apache.Arrow;
using Apache.Arrow.Types;

namespace StreamLearn.Arrow;

internal static class RecordArrays
{
    internal static RecordBatch Copy(ArrowBatch batch, Apache.Arrow.Schema schema)
    {
        var columns = batch.Columns.Where(static c => c.Field.IsRead)
            .Select((c, i) => ArrowArrayFactory.BuildArray(Copy(c, schema.GetFieldByIndex(i).DataType)));
        return new(schema, columns, batch.Rows);
    }

    /// <summary>Checks the declared lengths.</summary>
    internal static ArrowBatch View(RecordBatch batch, BatchPlan plan)
    {
        if (batch.ColumnCount != plan.Arrow.Fields.Length)
        {
            throw Bad($"expected a record batch of {plan.Arrow.Fields.Length} columns, got {batch.ColumnCount}");
        }

        var view = new ArrowBatch(plan.Arrow, ArrowArrays.ForAll(plan.Arrow.Fields)) { Rows = batch.Length };
        foreach (var column in plan.Columns)
        {
            if (batch.Column(column.Index)?.Data is not { DataType: not null } data)
            {
                throw Bad($"column '{view.Columns[column.Index].Field.Name}': expected an array, got none");
            }

            View(view.Columns[column.Index], data);
            if (data.Length != batch.Length)
            {
                throw Bad($"column '{view.Columns[column.Index].Field.Name}': expected {batch.Length} values, got {data.Length}");
            }
        }

        return view;
    }

    private static ArrayData Copy(ArrowArray array, IArrowType type)
    {
        var (kind, length) = (array.Stored, array.Length);
        if (kind == ArrowKind.Null) { return new(type, length, length, 0, buffers: []); }
        List<ArrowBuffer> buffers = [Copy(array.Validity, array.Validity.IsEmpty ? 0 : Bits.Bytes(length))];
        if (ArrayChecks.HasOffsets(kind))
        {
            // some readers require offsets from 0
            var width = ArrayChecks.HasWideOffsets(kind) ? sizeof(long) : sizeof(int);
            var offsets = new byte[width * (length + 1)];
            ArrowArrays.WriteOffsets(array, offsets.AsSpan(width), width, 0);
            buffers.Add(new(offsets));
            if (!ArrayChecks.IsNested(kind)) { buffers.Add(new(array.Data[ArrowArrays.Used(array)].ToArray())); }
        }
        else if (!ArrayChecks.IsNested(kind))
        {
            buffers.Add(Copy(array.Data, kind == ArrowKind.Bool ? Bits.Bytes(length) : array.Field.StoredBytes * length));
        }

        var fields = (type as NestedType)?.Fields;
        var children = array.Children.Select((_, i) => Copy(ArrowArrays.UsedChild(array, kind, i), fields![i].DataType)).ToArray();
        // entries are shared, because a reader never overwrites their memory
        var dictionary = array.Dictionary is null ? null : Copy(array.Dictionary, ((DictionaryType)type).ValueType);
        return new(type, length, array.NullCount, 0, [.. buffers], children, dictionary);
    }

    private static ArrowBuffer Copy(ReadOnlyMemory<byte> bytes, int length) =>
        length == 0 ? ArrowBuffer.Empty : new(bytes[..length].ToArray());

    private static void View(ArrowArray array, ArrayData data)
    {
        var (field, dictionaries) = (array.Field, 0L);
        var got = RecordSchemas.From(new Apache.Arrow.Field(field.Name, data.DataType, field.Nullable), ref dictionaries);
        if (got.Type != field.Type || got.Stored != field.Stored)
        {
            throw Bad($"column '{field.Name}': expected {field.TypeText} as in the schema, got {got.TypeText}");
        }

        var (start, length, width) = (data.Offset, data.Length, field.StoredBytes);
        var end = (long)start + length;
        if (start < 0 || length < 0 || end > int.MaxValue || data.Buffers is not { Length: 2 } buffers)
        {
            throw Bad($"column '{field.Name}': expected two buffers and values from 0 on, got others");
        }

        var (validity, values) = (buffers[0].Memory, buffers[1].Memory);
        Require(field, "values", width == 0 ? Bits.Bytes((int)end) : end * width, values.Length);
        if (!validity.IsEmpty) { Require(field, "validity", Bits.Bytes((int)end), validity.Length); }
        validity = validity.IsEmpty ? default : Bits.Slice(validity, start, length);
        array.Set(length, validity.IsEmpty ? 0 : length - Bits.Count(validity.Span, length), validity, default,
            width == 0 ? Bits.Slice(values, start, length) : values.Slice(start * width, length * width), EntriesOf(field, data));
        ArrayChecks.Check(array);
    }

    /// <summary>Without strings, which no batch holds.</summary>
    private static ArrowArray? EntriesOf(ArrowField field, ArrayData data)
    {
        if (field.Dictionary is null) { return null; }
        if (data.Dictionary is null) { throw Bad($"column '{field.Name}': expected a dictionary, got none"); }
        var entries = new ArrowArray(field, []);
        entries.Set(data.Dictionary.Length, 0, default, default, default, null);
        return entries;
    }

    private static void Require(ArrowField field, string what, long bytes, int got)
    {
        if (got < bytes) { throw Bad($"column '{field.Name}': expected at least {bytes} bytes of {what}, got {got}"); }
    }

    private static ArrowFormatException Bad(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));
}
