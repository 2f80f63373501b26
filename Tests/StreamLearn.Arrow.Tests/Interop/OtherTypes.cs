using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Arrow.Tests;

/// <summary>What <see cref="ArrowSamples"/> does not have: ends of ranges, other units, types within types, dictionaries of all
/// kinds.</summary>
internal static class OtherTypes
{
    internal static ArrowBatch Of(int rows)
    {
        var lists = Lists(ArrowSamples.Texts("item", ArrowKind.Utf8, 3 * rows, static i => $"t{i}"), "list of texts", rows);
        var colours = ArrowSamples.Places("item", 3 * rows, ArrowSamples.Entries(4));
        var inner = Lists(ArrowSamples.Fixed("item", ArrowKind.Int16, 9 * rows, static i => (short)i), "item", 3 * rows);
        ImmutableArray<ArrowArray> columns =
        [
            Cycle("int8", ArrowKind.Int8, rows, sbyte.MinValue, sbyte.MaxValue),
            Cycle("int16", ArrowKind.Int16, rows, short.MinValue, short.MaxValue),
            Cycle("int32", ArrowKind.Int32, rows, int.MinValue, int.MaxValue),
            Cycle("int64", ArrowKind.Int64, rows, long.MinValue, long.MaxValue),
            Cycle("uint32", ArrowKind.UInt32, rows, uint.MinValue, uint.MaxValue),
            Cycle("uint64", ArrowKind.UInt64, rows, ulong.MinValue, ulong.MaxValue),
            Cycle("float16", ArrowKind.Float16, rows, Half.NaN, Half.MaxValue, Half.NegativeZero, Half.NegativeInfinity),
            Cycle("float32", ArrowKind.Float32, rows, float.NaN, float.MaxValue, -0f, float.PositiveInfinity, float.Epsilon),
            Cycle("float64", ArrowKind.Float64, rows, double.NaN, double.MaxValue, -0d, double.NegativeInfinity, double.Epsilon),
            .. Enum.GetValues<ArrowTimeUnit>().Select(unit =>
                Typed(new(ArrowKind.Timestamp, unit, unit == ArrowTimeUnit.Second ? null : "+02:30"), rows)),
            .. Enum.GetValues<ArrowTimeUnit>().Select(unit => Typed(new(ArrowKind.Duration, unit), rows)),
            Plain(new("never missing", new(ArrowKind.Int64), Nullable: false), rows),
            Plain(new("", new(ArrowKind.Int64)), rows),
            lists,
            Lists(inner, "list of lists", rows),
            Lists(colours, "list of places", rows),
            Fixed(lists.Slice(0, rows), "fixed_size_list of lists", rows),
            Struct("struct", rows, lists.Slice(0, rows), colours.Slice(0, rows)),
            .. Dictionaries(rows),
        ];
        var schema = new ArrowSchema([.. columns.Select(static c => c.Field)]);
        return ArrowBatch.Of(schema, columns);
    }

    private static IEnumerable<ArrowArray> Dictionaries(int rows)
    {
        ArrowKind[] places = [ArrowKind.Int8, ArrowKind.Int16, ArrowKind.Int32, ArrowKind.Int64,
            ArrowKind.UInt8, ArrowKind.UInt16, ArrowKind.UInt32, ArrowKind.UInt64];
        var samples = ArrowSamples.Of(7);
        string[] kinds = ["bool", "int64", "float64", "utf8", "large_utf8", "binary", "fixed_size_binary", "timestamp_ns", "list",
            "large_list", "fixed_size_list", "struct", "struct of places"];
        for (var i = 0; i < kinds.Length; i++)
        {
            var kind = places[i % places.Length];
            var entries = i < kinds.Length - 1 ? samples[kinds[i]] : Struct("struct", 7, samples["dictionary"], samples["int8"]);
            var field = entries.Field with { Name = $"dictionary of {kinds[i]}", Dictionary = new(100 + i, kind, Ordered: i % 2 == 1) };
            var width = ArrowType.BytesOf(kind, 0);
            var data = new byte[width * rows];
            for (var row = 0; row < rows; row++) { data[width * row] = (byte)(row % entries.Length); }
            yield return ArrowArray.Of(field, rows, ArrowSamples.Validity(rows), data: data, dictionary: entries);
        }
    }

    private static ArrowArray Cycle<T>(string name, ArrowKind kind, int rows, params T[] values)
        where T : unmanaged => ArrowSamples.Fixed(name, kind, rows, i => values[i % values.Length]);

    private static ArrowArray Typed(ArrowType type, int rows) => Plain(new(type.ToString(), type), rows);

    private static ArrowArray Plain(ArrowField field, int rows)
    {
        var values = Enumerable.Range(0, rows).Select(static i => i % 2 == 0 ? long.MinValue + i : long.MaxValue - i).ToArray();
        return ArrowArray.Of(field, rows, data: MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static ArrowArray Lists(ArrowArray values, string name, int rows)
    {
        var ends = new int[rows + 1];
        for (var i = 0; i < rows; i++) { ends[i + 1] = ends[i] + (i % 4); }
        var field = new ArrowField(name, new(ArrowKind.List)) { Children = [values.Field] };
        return ArrowArray.Of(field, rows, ArrowSamples.Validity(rows), MemoryMarshal.AsBytes(ends.AsSpan()).ToArray(), children: [values]);
    }

    private static ArrowArray Fixed(ArrowArray values, string name, int rows)
    {
        var field = new ArrowField(name, new(ArrowKind.FixedSizeList, Width: 1)) { Children = [values.Field] };
        return ArrowArray.Of(field, rows, ArrowSamples.Validity(rows), children: [values]);
    }

    private static ArrowArray Struct(string name, int rows, params ImmutableArray<ArrowArray> children)
    {
        var field = new ArrowField(name, new(ArrowKind.Struct)) { Children = [.. children.Select(static c => c.Field)] };
        return ArrowArray.Of(field, rows, ArrowSamples.Validity(rows), children: children);
    }
}
