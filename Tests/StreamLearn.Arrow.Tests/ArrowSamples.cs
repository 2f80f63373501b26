using Apache.Arrow.Types;
using System.Runtime.InteropServices;

namespace StreamLearn.Arrow.Tests;

/// <summary>Arrays of every type, with missing values, by a fixed pattern.</summary>
internal static class ArrowSamples
{
    private static ArrowType Zoned => new(ArrowKind.Timestamp, TimeUnit.Microsecond, "Europe/Berlin");

    /// <summary>A column of every type, of so many values each, every fifth missing.</summary>
    internal static ArrowBatch Of(int rows)
    {
        ImmutableArray<ArrowArray> columns =
        [
            SampleWriter.Array(new("null", new(ArrowKind.Null)), rows),
            Bits("bool", rows),
            Fixed<sbyte>("int8", ArrowKind.Int8, rows, static i => (sbyte)(i - 60)),
            Fixed<short>("int16", ArrowKind.Int16, rows, static i => (short)(i * 300)),
            Fixed<int>("int32", ArrowKind.Int32, rows, static i => i * -70_000),
            Fixed<long>("int64", ArrowKind.Int64, rows, static i => i * 5_000_000_000L),
            Fixed<byte>("uint8", ArrowKind.UInt8, rows, static i => (byte)(i * 3)),
            Fixed<ushort>("uint16", ArrowKind.UInt16, rows, static i => (ushort)(i * 600)),
            Fixed<uint>("uint32", ArrowKind.UInt32, rows, static i => (uint)i * 40_000_000u),
            Fixed<ulong>("uint64", ArrowKind.UInt64, rows, static i => ulong.MaxValue - (ulong)i),
            Fixed<Half>("float16", ArrowKind.Float16, rows, static i => (Half)(i / 4f)),
            Fixed<float>("float32", ArrowKind.Float32, rows, static i => i / 3f),
            Fixed<double>("float64", ArrowKind.Float64, rows, static i => i / 7d),
            Texts("utf8", ArrowKind.Utf8, rows, Text),
            Texts("large_utf8", ArrowKind.LargeUtf8, rows, Text),
            Texts("binary", ArrowKind.Binary, rows, static i => Encoding.Latin1.GetString([(byte)i, 255]), Encoding.Latin1),
            Texts("large_binary", ArrowKind.LargeBinary, rows, static i => Encoding.Latin1.GetString([254, (byte)i]), Encoding.Latin1),
            FixedBinary("fixed_size_binary", rows),
            Fixed<int>("date32", ArrowKind.Date32, rows, static i => 20_000 + i),
            Fixed<long>("date64", ArrowKind.Date64, rows, static i => (20_000L + i) * 86_400_000),
            Fixed<int>("time32s", new ArrowType(ArrowKind.Time32), rows, static i => i * 10),
            Fixed<int>("time32ms", new ArrowType(ArrowKind.Time32, TimeUnit.Millisecond), rows, static i => i * 1000),
            Fixed<long>("time64us", new ArrowType(ArrowKind.Time64, TimeUnit.Microsecond), rows, static i => i * 1_000_000L),
            Fixed<long>("time64ns", new ArrowType(ArrowKind.Time64, TimeUnit.Nanosecond), rows, static i => i * 1_000_000_000L),
            Fixed<long>("timestamp_s", new ArrowType(ArrowKind.Timestamp), rows, static i => 1_700_000_000L + i),
            Fixed<long>("timestamp_ns", ArrowType.EventTime, rows, static i => 1_700_000_000_000_000_000L + i),
            Fixed<long>("timestamp_zone", Zoned, rows, static i => i),
            Fixed<long>("duration", new ArrowType(ArrowKind.Duration, TimeUnit.Millisecond), rows, static i => i * 5L),
            Lists("list", ArrowKind.List, rows),
            Lists("large_list", ArrowKind.LargeList, rows),
            FixedLists("fixed_size_list", rows),
            Structs("struct", rows),
            Places("dictionary", rows, Entries(3)),
        ];
        var schema = new ArrowSchema([.. columns.Select(static c => c.Field)]) { Metadata = [new("made by", "tests"), new("ü", "")] };
        return SampleWriter.Batch(schema, columns);
    }

    internal static ArrowArray Entries(int count) => Texts("colour", ArrowKind.Utf8, count, static i => $"colour {i}", missing: false);

    /// <summary>A column with the places of its values.</summary>
    internal static ArrowArray Places(string name, int rows, ArrowArray entries)
    {
        var field = new ArrowField(name, entries.Field.Type) { Dictionary = new(7, ArrowKind.Int8) };
        var places = Of<sbyte>(rows, i => (sbyte)(i % entries.Length));
        return SampleWriter.Array(field, rows, Validity(rows), data: places, dictionary: entries);
    }

    internal static ArrowArray Fixed<T>(string name, ArrowKind kind, int rows, Func<int, T> value)
        where T : unmanaged => Fixed(name, new ArrowType(kind), rows, value);

    internal static ArrowArray Fixed<T>(string name, ArrowType type, int rows, Func<int, T> value)
        where T : unmanaged => SampleWriter.Array(
            new(name, type) { Metadata = [new("unit", "m/s2")] }, rows, Validity(rows), data: Of(rows, value));

    internal static ArrowArray Texts(
        string name, ArrowKind kind, int rows, Func<int, string> text, Encoding? encoding = null, bool missing = true)
    {
        var isWide = kind is ArrowKind.LargeUtf8 or ArrowKind.LargeBinary;
        var validity = missing ? Validity(rows) : default;
        List<byte> bytes = [];
        var ends = new long[rows + 1];
        for (var i = 0; i < rows; i++)
        {
            var isThere = validity.IsEmpty || (validity.Span[i >> 3] & (1 << (i & 7))) != 0;
            if (isThere) { bytes.AddRange((encoding ?? Encoding.UTF8).GetBytes(text(i))); }
            ends[i + 1] = bytes.Count;
        }
        return SampleWriter.Array(new(name, new(kind)), rows, validity, Offsets(ends, isWide), bytes.ToArray());
    }

    internal static ReadOnlyMemory<byte> Validity(int rows)
    {
        var bits = new byte[(rows + 7) / 8];
        for (var i = 0; i < rows; i++)
        {
            if (i % 5 != 3) { bits[i >> 3] |= (byte)(1 << (i & 7)); }
        }
        return rows < 4 ? default : bits;
    }

    private static string Text(int i) => (i % 4) switch { 0 => "", 1 => $"text {i}", 2 => $"größer ℃ {i}", _ => "😀" };

    private static ArrowArray Bits(string name, int rows)
    {
        var bits = new byte[(rows + 7) / 8];
        for (var i = 0; i < rows; i += 3) { bits[i >> 3] |= (byte)(1 << (i & 7)); }
        return SampleWriter.Array(new(name, new(ArrowKind.Bool)), rows, Validity(rows), data: bits);
    }

    private static ArrowArray FixedBinary(string name, int rows) => SampleWriter.Array(
        new(name, new(ArrowKind.FixedSizeBinary, Width: 3)), rows, Validity(rows), data: Of(3 * rows, static i => (byte)i));

    private static ArrowArray Lists(string name, ArrowKind kind, int rows)
    {
        var ends = new long[rows + 1];
        for (var i = 0; i < rows; i++) { ends[i + 1] = ends[i] + (i % 5 == 3 ? 0 : i % 4); }
        var values = Fixed<float>("item", ArrowKind.Float32, (int)ends[rows], static i => i);
        var field = new ArrowField(name, new(kind)) { Children = [values.Field] };
        return SampleWriter.Array(field, rows, Validity(rows), Offsets(ends, kind == ArrowKind.LargeList), children: [values]);
    }

    private static ArrowArray FixedLists(string name, int rows)
    {
        var values = Fixed<int>("item", ArrowKind.Int32, 2 * rows, static i => i);
        var field = new ArrowField(name, new(ArrowKind.FixedSizeList, Width: 2)) { Children = [values.Field] };
        return SampleWriter.Array(field, rows, Validity(rows), children: [values]);
    }

    private static ArrowArray Structs(string name, int rows)
    {
        ImmutableArray<ArrowArray> children =
            [Fixed<double>("x", ArrowKind.Float64, rows, static i => i), Texts("y", ArrowKind.Utf8, rows, Text)];
        var field = new ArrowField(name, new(ArrowKind.Struct)) { Children = [.. children.Select(static c => c.Field)] };
        return SampleWriter.Array(field, rows, Validity(rows), children: children);
    }

    private static ReadOnlyMemory<byte> Offsets(long[] ends, bool isWide) =>
        isWide ? MemoryMarshal.AsBytes(ends.AsSpan()).ToArray() : Of(ends.Length, i => (int)ends[i]);

    private static ReadOnlyMemory<byte> Of<T>(int count, Func<int, T> value) where T : unmanaged
    {
        var values = new T[count];
        for (var i = 0; i < count; i++) { values[i] = value(i); }
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
