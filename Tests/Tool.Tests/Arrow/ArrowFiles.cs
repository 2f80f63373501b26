using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn.Arrow;
using ArrowField = Apache.Arrow.Field;

namespace Tool.Tests;

internal static class ArrowFiles
{
    /// <summary>2024-01-01T00:00Z, in seconds.</summary>
    internal const long NewYear = 1_704_067_200;

    /// <summary>A time, a number with a unit that may be missing, and a text.</summary>
    internal static RecordBatch Pump(int first, int rows)
    {
        ArrowField[] fields =
        [
            new("time", new TimestampType(TimeUnit.Nanosecond, "UTC"), nullable: false),
            new("x", FloatType.Default, nullable: true, [new("unit", "g"), new("sensor", "left")]),
            new("note", StringType.Default, nullable: true),
        ];
        var numbers = Enumerable.Range(first, rows).ToArray();
        var notes = new StringArray.Builder();
        foreach (var i in numbers) { notes.Append(i % 3 == 1 ? null : i % 3 == 0 ? "" : $"note {i}, \"so\""); }
        return new(new(fields, [new("made by", "tests")]),
        [
            Fixed(fields[0].DataType, null, [.. numbers.Select(static i => (NewYear * 1_000_000_000) + (i * 2_500_000L))]),
            Fixed(FloatType.Default, [.. numbers.Select(static i => i % 4 != 3)], [.. numbers.Select(static i => i / 4f)]),
            notes.Build(),
        ], rows);
    }

    internal static byte[] Bytes(ArrowForm form, params RecordBatch[] batches)
    {
        using var stream = new MemoryStream();
        using var writer = form == ArrowForm.File ? new ArrowFileWriter(stream, batches[0].Schema, leaveOpen: true)
            : new ArrowStreamWriter(stream, batches[0].Schema, leaveOpen: true);
        writer.WriteStart();
        foreach (var batch in batches) { writer.WriteRecordBatch(batch); }
        writer.WriteEnd();
        return stream.ToArray();
    }

    internal static RecordBatch Of(params (string Name, IArrowArray Values)[] columns) => new(
        new([.. columns.Select(static c => new ArrowField(c.Name, c.Values.Data.DataType, nullable: true))], null),
        columns.Select(static c => c.Values), columns[0].Values.Length);

    internal static IArrowArray Fixed<T>(IArrowType type, bool[]? present, params T[] values)
        where T : unmanaged => ArrowArrayFactory.BuildArray(new(type, values.Length, present?.Count(static p => !p) ?? 0, 0,
            [present is null ? ArrowBuffer.Empty : Bits(present), new(MemoryMarshal.AsBytes(values.AsSpan()).ToArray())]));

    private static ArrowBuffer Bits(params bool[] bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++) { bytes[i >> 3] |= (byte)(bits[i] ? 1 << (i & 7) : 0); }
        return new(bytes);
    }

    internal static RecordBatch Others()
    {
        static IArrowArray One<T>(IArrowType type, T value)
            where T : unmanaged => Fixed(type, [true, false], value, default);
        static IArrowArray Flags(params bool?[] flags) =>
            flags.Aggregate(new BooleanArray.Builder(), static (b, f) => f is { } flag ? b.Append(flag) : b.AppendNull()).Build();
        var colours = new StringArray.Builder().AppendRange(["red", "blue"]).Build();
        var numbers = Fixed<sbyte>(Int8Type.Default, null, 1, -2, 3);
        var within = new StructType([new("a", BooleanType.Default, nullable: true), new("a", NullType.Default, nullable: true)]);
        return Of(
            ("big", One(UInt64Type.Default, ulong.MaxValue)),
            ("half", One(HalfFloatType.Default, (Half)0.1f)),
            ("nan", One(DoubleType.Default, double.NaN)),
            ("inf", One(FloatType.Default, float.NegativeInfinity)),
            ("bytes", new BinaryArray.Builder().Append([0, 255]).AppendNull().Build()),
            ("day", One(Date32Type.Default, 19723)),
            ("day64", One(Date64Type.Default, NewYear * 1000)),
            ("clock", One(new Time64Type(TimeUnit.Microsecond), 3_661_000_001L)),
            ("local", One(new TimestampType(TimeUnit.Millisecond, (string?)null), (NewYear * 1000) + 5)),
            ("berlin", One(new TimestampType(TimeUnit.Second, "Europe/Berlin"), NewYear)),
            ("fixed", One(new TimestampType(TimeUnit.Second, "-05:30"), NewYear)),
            ("never", One(new TimestampType(TimeUnit.Second, (string?)null), long.MaxValue)),
            ("wait", One(DurationType.Millisecond, 250L)),
            ("colour", new DictionaryArray(
                new(Int8Type.Default, StringType.Default, ordered: false), One<sbyte>(Int8Type.Default, 1), colours)),
            ("list", ArrowArrayFactory.BuildArray(new(new ListType(new ArrowField("item", Int8Type.Default, nullable: true)), 2, 1, 0,
                [Bits(true, false), new(MemoryMarshal.AsBytes<int>([0, 3, 3]).ToArray())], [numbers.Data]))),
            ("n", new StructArray(within, 2, [Flags(true, false), new NullArray(2)], ArrowBuffer.Empty)),
            ("day", Flags(true, null)));
    }
}
