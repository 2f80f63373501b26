using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace StreamLearn.Arrow.Tests;

/// <summary>Columns that few readers know, written by Apache.Arrow between two that all know: those beside them are right.</summary>
public sealed class OddColumnTests
{
    private const int Rows = 4;

    public static TheoryData<string, string> Odd => new()
    {
        { "decimal128", "decimal128(10, 2)" }, { "decimal256", "decimal256(40, 3)" }, { "interval", "interval" }, { "map", "map<" },
        { "sparse union", "sparse_union<" }, { "dense union", "dense_union<" }, { "run ends", "run_end_encoded<" },
        { "list view", "list_view<" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public void A_column_that_a_batch_cannot_hold_is_left_out_and_named(string name, string type)
    {
        using var batches = new ArrowBatches(new MemoryStream(Written(ColumnOf(name))));
        using var read = batches.Read();
        Assert.StartsWith($"'odd': {type}", Assert.Single(batches.LeftOut), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], ((Int32Array)read!.Column("before")).Values.ToArray());
        Assert.Equal([.5f, 1.5f, 2.5f, 3.5f], ((FloatArray)read.Column("after")).Values.ToArray());
        Assert.Null(batches.Read());
    }

    /// <summary>Which Apache.Arrow has no type for.</summary>
    [Fact]
    public void A_struct_without_columns_is_left_out()
    {
        var (empty, number) = (new ArrowField("e", new(ArrowKind.Struct)), new ArrowField("x", new(ArrowKind.Int8)));
        var bytes = HostileMessages.Joined(HostileMessages.Schema(empty, number),
            HostileMessages.Batch(1, [(1, 0), (1, 0)], [(0, 0), (0, 0), (0, 1)], new byte[8]));
        using var batches = new ArrowBatches(new MemoryStream(bytes));
        Assert.Equal("'e': struct", Assert.Single(batches.LeftOut).TrimEnd('?'));
        Assert.Equal(1, batches.Read()!.ColumnCount);
    }

    [Fact]
    public void A_source_names_what_it_leaves_out()
    {
        using var folder = new ArrowFolder();
        File.WriteAllBytes(folder.Of("odd"), Written(ColumnOf("decimal128")));
        var pipeline = Pipeline.Define("p", p => p.FromArrow(folder.Of("odd")).ForEach("end", static batch => { }));
        Assert.Contains("left out: 'odd': decimal128(10, 2)", $"{pipeline.Explain()}", StringComparison.Ordinal);
    }

    [Fact]
    public void Views_lead_into_their_buffers_and_to_no_more_bytes_than_the_limit()
    {
        byte[] text = "a text of more than twelve bytes"u8.ToArray();
        Assert.Equal("a text of more than twelve bytes", Views(new(), View(32, 0, 0)));
        Assert.Equal("text of more than", Views(new(), View(17, 0, 2)));
        foreach (var view in (byte[][])
            [View(33, 0, 0), View(32, 0, 1), View(32, 1, 0), View(32, -1, 0), View(32, 0, -1), View(13, 0, int.MaxValue)])
        {
            Assert.StartsWith("column 'odd': expected a view inside its buffers, got ", Views(new(), view), StringComparison.Ordinal);
        }
        const string TooMany = "column 'odd': expected views of at most 4096 bytes together, got more";
        var limits = new ArrowLimits { MaxMessageBytes = 4096 };
        Assert.Equal(TooMany, Views(limits, [.. Enumerable.Repeat(View(32, 0, 0), 129).SelectMany(static v => v)]));
        Assert.Equal(TooMany, Views(limits, View(-1, 0, 0)));
    }

    private static byte[] View(int length, int buffer, int offset) => MemoryMarshal.AsBytes<int>([length, 0, buffer, offset]).ToArray();

    /// <summary>The first text of views over one buffer, or why they are refused.</summary>
    private static string Views(ArrowLimits limits, byte[] views)
    {
        var rows = views.Length / 16;
        var column = new StringViewArray(new ArrayData(StringViewType.Default, rows, 0, 0,
            [ArrowBuffer.Empty, new(views), new("a text of more than twelve bytes"u8.ToArray())]));
        using var stream = new MemoryStream();
        using var writer = new ArrowStreamWriter(stream, new([new("odd", StringViewType.Default, nullable: true)], null), leaveOpen: true);
        writer.WriteRecordBatch(new(new([new("odd", StringViewType.Default, nullable: true)], null), [column], rows));
        writer.WriteEnd();
        ReadOnlyMemory<byte> bytes = stream.ToArray();
        try { return ArrowText.Of(new MessageReader(limits).Read(ref bytes)!.Columns[0], 0).Trim('\''); }
        catch (ArrowFormatException e) { return e.Message; }
    }

    private static byte[] Written(IArrowArray odd)
    {
        var schema = new Apache.Arrow.Schema(
        [
            new("before", Int32Type.Default, nullable: false), new("odd", odd.Data.DataType, nullable: true),
            new("after", FloatType.Default, nullable: false),
        ], null);
        using var stream = new MemoryStream();
        using var writer = new ArrowStreamWriter(stream, schema, leaveOpen: true);
        writer.WriteRecordBatch(new(schema,
        [
            new Int32Array.Builder().AppendRange([1, 2, 3, 4]).Build(), odd,
            new FloatArray.Builder().AppendRange([.5f, 1.5f, 2.5f, 3.5f]).Build(),
        ], Rows));
        writer.WriteEnd();
        return stream.ToArray();
    }

    private static IArrowArray ColumnOf(string name)
    {
        var numbers = new Int32Array.Builder().AppendRange([7, 8, 9, 10]).Build();
        var child = new Apache.Arrow.Field("n", Int32Type.Default, nullable: true);
        ArrowBuffer offsets = new(MemoryMarshal.AsBytes<int>([0, 1, 2, 3, 4]).ToArray());
        ArrowBuffer types = new(new byte[Rows]);
        var pairs = new StructType([new("key", StringType.Default, false), new("value", Int32Type.Default, true)]);
        var keys = new StringArray.Builder().AppendRange(["a", "b", "c", "d"]).Build();
        return name switch
        {
            "decimal128" => new Decimal128Array.Builder(new(10, 2)).AppendRange([1m, 2m, 3m, 4m]).Build(),
            "decimal256" => new Decimal256Array.Builder(new(40, 3)).AppendRange([1m, 2m, 3m, 4m]).Build(),
            "interval" => new YearMonthIntervalArray(new ArrayData(IntervalType.YearMonth, Rows, 0, 0, [ArrowBuffer.Empty, offsets])),
            "map" => new MapArray(new ArrayData(new MapType(StringType.Default, Int32Type.Default), Rows, 0, 0,
                [ArrowBuffer.Empty, offsets], [new ArrayData(pairs, Rows, 0, 0, [ArrowBuffer.Empty], [keys.Data, numbers.Data])])),
            "sparse union" => new SparseUnionArray(new UnionType([child], [0], UnionMode.Sparse), Rows, [numbers], types),
            "dense union" => new DenseUnionArray(new UnionType([child], [0], UnionMode.Dense), Rows, [numbers], types,
                new(MemoryMarshal.AsBytes<int>([0, 1, 2, 3]).ToArray())),
            "run ends" => new RunEndEncodedArray(new Int32Array.Builder().AppendRange([2, 4]).Build(),
                new Int32Array.Builder().AppendRange([7, 8]).Build()),
            _ => new ListViewArray(new ArrayData(new ListViewType(child), Rows, 0, 0,
                [ArrowBuffer.Empty, offsets, new(MemoryMarshal.AsBytes<int>([1, 1, 1, 1]).ToArray())], [numbers.Data])),
        };
    }
}
