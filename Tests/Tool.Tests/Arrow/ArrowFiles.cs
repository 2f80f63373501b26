using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using StreamLearn.Arrow;

namespace Tool.Tests;

/// <summary>Streams and files of Arrow to show.</summary>
internal static class ArrowFiles
{
    /// <summary>2024-01-01T00:00Z, in seconds.</summary>
    internal const long NewYear = 1_704_067_200;

    internal static ArrowType Nanoseconds => new(ArrowKind.Timestamp, ArrowTimeUnit.Nanosecond, "UTC");

    /// <summary>A time, a number with a unit that may be missing, and a text.</summary>
    internal static ArrowBatch Pump(int first, int rows)
    {
        var schema = new ArrowSchema(
        [
            new("time", Nanoseconds, Nullable: false),
            new("x", new(ArrowKind.Float32)) { Metadata = [new("unit", "g"), new("sensor", "left")] },
            new("note", new(ArrowKind.Utf8)),
        ])
        { Metadata = [new("made by", "tests")] };
        var numbers = Enumerable.Range(first, rows).ToArray();
        var missing = numbers.Select(i => i % 4 != 3).ToArray();
        return ArrowBatch.Of(schema,
            ArrowArray.Of(schema.Fields[0], rows, data: Of([.. numbers.Select(i => (NewYear * 1_000_000_000) + (i * 2_500_000L))])),
            ArrowArray.Of(schema.Fields[1], rows, Bits(missing), data: Of([.. numbers.Select(i => i / 4f)])),
            Texts(schema.Fields[2], [.. numbers.Select(i => i % 3 == 1 ? null : i % 3 == 0 ? "" : $"note {i}, \"so\"")]));
    }

    internal static byte[] Bytes(ArrowForm form, params ArrowBatch[] batches)
    {
        using var stream = new MemoryStream();
        using (var writer = new ArrowWriter(stream, batches[0].Schema, new() { Form = form }))
        {
            foreach (var batch in batches) { writer.Write(batch); }
        }

        return stream.ToArray();
    }

    /// <summary>A batch of one column.</summary>
    internal static ArrowBatch One(ArrowArray column) => ArrowBatch.Of(new([column.Field]), column);

    internal static ArrowArray Fixed<T>(string name, ArrowType type, params T[] values)
        where T : unmanaged => ArrowArray.Of(new(name, type), values.Length, data: Of(values));

    internal static ArrowArray Texts(ArrowField field, params string?[] texts)
    {
        var bytes = texts.Select(t => Encoding.UTF8.GetBytes(t ?? "")).ToArray();
        return Binaries(field, [.. texts.Select(t => t is not null)], bytes);
    }

    internal static ArrowArray Binaries(ArrowField field, bool[] present, params byte[][] values)
    {
        var ends = new int[values.Length + 1];
        for (var i = 0; i < values.Length; i++) { ends[i + 1] = ends[i] + values[i].Length; }
        return ArrowArray.Of(field, values.Length, Bits(present), Of(ends), values.SelectMany(v => v).ToArray());
    }

    internal static ReadOnlyMemory<byte> Of<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    internal static ReadOnlyMemory<byte> Bits(bool[] present)
    {
        var bits = new byte[(present.Length + 7) / 8];
        for (var i = 0; i < present.Length; i++)
        {
            if (present[i]) { bits[i >> 3] |= (byte)(1 << (i & 7)); }
        }

        return present.All(p => p) ? default : bits;
    }

    /// <summary>Columns of every other kind, two rows, the second missing where it may be.</summary>
    internal static ArrowBatch Others()
    {
        ReadOnlyMemory<byte> first = new byte[] { 1 };
        ArrowArray Of2<T>(string name, ArrowType type, T value)
            where T : unmanaged => ArrowArray.Of(new(name, type), 2, first, data: Of([value, default(T)]));
        var colours = Texts(new("colour", new(ArrowKind.Utf8)), "red", "blue");
        var numbers = Fixed("item", new ArrowType(ArrowKind.Int8), (sbyte)1, (sbyte)-2, (sbyte)3);
        ImmutableArray<ArrowArray> twice =
            [ArrowArray.Of(new("a", new(ArrowKind.Bool)), 2, data: first), ArrowArray.Of(new("a", new(ArrowKind.Null)), 2)];
        var within = ArrowArray.Of(
            new("n", new(ArrowKind.Struct)) { Children = [.. twice.Select(c => c.Field)] }, 2, children: twice);
        ImmutableArray<ArrowArray> columns =
        [
            Of2("big", new(ArrowKind.UInt64), ulong.MaxValue),
            Of2("half", new(ArrowKind.Float16), (Half)0.1f),
            Of2("nan", new(ArrowKind.Float64), double.NaN),
            Of2("inf", new(ArrowKind.Float32), float.NegativeInfinity),
            Binaries(new("bytes", new(ArrowKind.Binary)), [true, false], [0, 255], []),
            Of2("day", new(ArrowKind.Date32), 19723),
            Of2("day64", new(ArrowKind.Date64), NewYear * 1000),
            Of2("clock", new(ArrowKind.Time64, ArrowTimeUnit.Microsecond), 3_661_000_001L),
            Of2("local", new(ArrowKind.Timestamp, ArrowTimeUnit.Millisecond), (NewYear * 1000) + 5),
            Of2("berlin", new(ArrowKind.Timestamp, Zone: "Europe/Berlin"), NewYear),
            Of2("fixed", new(ArrowKind.Timestamp, Zone: "-05:30"), NewYear),
            Of2("never", new(ArrowKind.Timestamp), long.MaxValue),
            Of2("wait", new(ArrowKind.Duration, ArrowTimeUnit.Millisecond), 250L),
            ArrowArray.Of(new("colour", colours.Field.Type) { Dictionary = new(7, ArrowKind.Int8) }, 2, first,
                data: new byte[] { 1, 0 }, dictionary: colours),
            ArrowArray.Of(new("list", new(ArrowKind.List)) { Children = [numbers.Field] }, 2, first, Of([0, 3, 3]), children: [numbers]),
            within,
            Of2("day", new(ArrowKind.Bool), (byte)1),
        ];
        return ArrowBatch.Of(new([.. columns.Select(c => c.Field)]), columns);
    }
}
