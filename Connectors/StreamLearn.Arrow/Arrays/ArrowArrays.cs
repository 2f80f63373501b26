namespace StreamLearn.Arrow;

internal static class ArrowArrays
{
    internal static ArrowArray For(ArrowField field) => new(field, field.Dictionary is null ? ForAll(field.Children) : []);

    internal static ImmutableArray<ArrowArray> ForAll(ImmutableArray<ArrowField> fields)
    {
        if (fields.IsEmpty) { return []; }
        var arrays = ImmutableArray.CreateBuilder<ArrowArray>(fields.Length);
        foreach (var field in fields) { arrays.Add(For(field)); }
        return arrays.MoveToImmutable();
    }

    internal static long SizeOf(ArrowArray array)
    {
        var bytes = (long)array.Validity.Length + array.Offsets.Length + array.Data.Length;
        foreach (var child in array.Children) { bytes += SizeOf(child); }
        return bytes;
    }

    internal static Range Used(ArrowArray array) => array.Length == 0 ? 0..0 : array.Range(0).Start..array.Range(array.Length - 1).End;

    internal static ArrowArray UsedChild(ArrowArray array, ArrowKind kind, int child)
    {
        var (start, length) = kind switch
        {
            ArrowKind.Struct => (0, array.Length),
            ArrowKind.FixedSizeList => (0, array.Length * array.Field.Type.Width),
            _ => Used(array).GetOffsetAndLength(int.MaxValue),
        };
        var values = array.Children[child];
        return start == 0 && length == values.Length ? values : values.Slice(start, length);
    }

    internal static void WriteOffsets(ArrowArray array, Span<byte> ends, int width, long at)
    {
        for (var i = 0; i < array.Length; i++)
        {
            var (start, end) = array.Range(i);
            at += end - start;
            var offset = ends[(width * i)..];
            if (width == sizeof(long)) { BinaryPrimitives.WriteInt64LittleEndian(offset, at); }
            else if (at <= int.MaxValue) { BinaryPrimitives.WriteInt32LittleEndian(offset, (int)at); }
            else { throw new ArrowFormatException($"column '{array.Field.Name}': expected at most 2 GiB of entries, got more"); }
        }
    }
}
