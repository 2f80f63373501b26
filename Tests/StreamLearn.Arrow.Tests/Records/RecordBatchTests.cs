using Apache.Arrow;
using Apache.Arrow.C;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace StreamLearn.Arrow.Tests;

/// <summary>Batches as record batches of Apache.Arrow, and back.</summary>
public sealed class RecordBatchTests
{
    private static readonly Schema Mixed = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float64, Unit.One, Nullable: true),
        new("count", ColumnType.Int64, Unit.One), Field.Label());

    /// <summary>All columns of the samples that a batch holds and whose values fit.</summary>
    private static readonly ArrowBatchOptions Fitting = new()
    {
        Columns = [.. new BatchPlan(ArrowSamples.Of(1).Schema, new()).Schema.Fields.Select(static f => f.Name)
            .Where(static n => n != "uint64")],
    };

    private readonly BatchPool _pool = new(guard: true);

    [Fact]
    public void Each_type_of_column_comes_back_by_the_writers_and_readers_of_Apache_Arrow()
    {
        for (var rows = 0; rows < 70; rows++)
        {
            using var batch = Batches.Random(_pool, Mixed, rows, seed: rows);
            using var view = batch.ToRecordBatch();
            using var stream = new MemoryStream();
            using (var writer = new ArrowStreamWriter(stream, view.Schema, leaveOpen: true)) { writer.WriteRecordBatch(view); }
            stream.Position = 0;
            using var reader = new Apache.Arrow.Ipc.ArrowStreamReader(stream);
            using var read = reader.ReadNextRecordBatch();
            using var back = read.ToBatch(_pool);
            Assert.Equal(Mixed, back.Schema);
            Assert.Equal(ArrowFolder.Rows(batch), ArrowFolder.Rows(back));
        }
        Assert.Equal(0, _pool.RentedBatches);
    }

    /// <summary>Each kind that is read, and slices of it: what Apache.Arrow has is what was read.</summary>
    [Theory, InlineData(0, 50)]
    [InlineData(13, 30)]
    [InlineData(49, 1)]
    public void What_was_read_is_the_same_as_a_record_batch(int start, int rows)
    {
        var all = ArrowSamples.Of(50);
        var schema = RecordSchemas.Of(all.Schema);

        using var records = RecordArrays.Copy(all.Slice(start, rows), schema);

        Assert.Equal(all.Schema.Fields.Length, records.ColumnCount);
        Assert.Equal(all.Schema.Fields.Select(static f => f.TypeText), schema.FieldsList.Select(static f => f.TypeText()));
        Assert.Equal("m/s2", schema.GetFieldByName("float32").Metadata["unit"]);
        using var batch = records.ToBatch(_pool, Fitting);
        using var expected = BatchCopy.Rows(new(all.Schema, Fitting), all, start, rows, _pool);
        Assert.Equal(ArrowFolder.Rows(expected), ArrowFolder.Rows(batch));
        var bytes = SampleWriter.Written(all.Schema, ArrowForm.Stream, false, all.Slice(start, rows));
        Assert.Equal(ArrowText.Rows(all.Slice(start, rows)), ArrowText.Rows(new ArrowStreamReader(new MemoryStream(bytes)).Read()!));
    }

    [Fact]
    public void Slices_of_record_batches_are_copied_from_where_they_begin()
    {
        var all = ArrowSamples.Of(50);
        using var records = RecordArrays.Copy(all, RecordSchemas.Of(all.Schema));
        for (var start = 0; start < 50; start += 3)
        {
            using var batch = records.Slice(start, 50 - start).ToBatch(_pool, Fitting);
            using var expected = BatchCopy.Rows(new(all.Schema, Fitting), all, start, 50 - start, _pool);
            Assert.Equal(ArrowFolder.Rows(expected), ArrowFolder.Rows(batch));
        }
    }

    [Fact]
    public void A_view_copies_nothing_and_keeps_the_memory_until_it_is_disposed()
    {
        var batch = Batches.Random(_pool, Mixed, 40, seed: 1);
        var expected = batch.Columns[1].Values<float>().ToArray();
        var view = batch.ToRecordBatch();
        Assert.True(batch.Columns[1].Values<float>().Overlaps(((FloatArray)view.Column("ax")).Values));

        batch.Dispose();

        Assert.Equal(1, _pool.RentedBatches);
        Assert.Equal(expected, ((FloatArray)view.Column("ax")).Values.ToArray());
        var slice = view.Slice(3, 5);
        view.Dispose();
        view.Dispose();
        Assert.Equal(0, _pool.RentedBatches);
        Assert.Throws<ObjectDisposedException>(() => ((FloatArray)view.Column("ax")).Values.Length);
        Assert.Throws<ObjectDisposedException>(() => ((FloatArray)slice.Column("ax")).GetValue(0));
        Assert.Throws<ObjectDisposedException>(() => view.ToBatch(_pool));
    }

    [Fact]
    public unsafe void What_was_exported_to_C_keeps_its_memory_after_disposal()
    {
        var batch = Batches.Random(_pool, Mixed, 33, seed: 2);
        var expected = ArrowFolder.Rows(batch);
        var view = batch.ToRecordBatch();
        var array = CArrowArray.Create();
        var schema = CArrowSchema.Create();
        CArrowSchemaExporter.ExportSchema(view.Schema, schema);
        CArrowArrayExporter.ExportRecordBatch(view, array);
        batch.Dispose();
        view.Dispose();

        Assert.True(_pool.RentedBatches > 0);
        using (var imported = CArrowArrayImporter.ImportRecordBatch(array, CArrowSchemaImporter.ImportSchema(schema)))
        {
            using var back = imported.ToBatch(_pool);
            Assert.Equal(expected, ArrowFolder.Rows(back));
        }
        CArrowArray.Free(array);
        CArrowSchema.Free(schema);
        Assert.Equal(0, _pool.RentedBatches);
    }

    [Fact]
    public void Arrays_that_are_not_what_their_schema_says_are_refused()
    {
        ArrowBuffer four = new(new byte[16]), three = new(new byte[12]);
        var floats = new Apache.Arrow.Field("x", FloatType.Default, nullable: true);
        var never = new Apache.Arrow.Field("x", FloatType.Default, nullable: false);
        var places = new DictionaryType(Int8Type.Default, StringType.Default, ordered: false);
        var texts = new StringArray.Builder().AppendRange(["a", "b"]).Build();

        Assert.Equal("column 'x': expected at least 16 bytes of values, got 12", Refusal(floats, Data(FloatType.Default, 4, 0, three)));
        Assert.Equal("column 'x': expected at least 20 bytes of values, got 16", Refusal(floats, Data(FloatType.Default, 4, 1, four)));
        Assert.Equal("column 'x': expected float32 as in the schema, got int32", Refusal(floats, Data(Int32Type.Default, 4, 0, four)));
        Assert.Equal("column 'x': expected 4 values, got 3", Refusal(floats, Data(FloatType.Default, 3, 0, four)));
        Assert.Equal("column 'x': expected two buffers and values from 0 on, got others",
            Refusal(floats, Data(FloatType.Default, 4, -1, four)));
        Assert.Equal("column 'x': expected two buffers and values from 0 on, got others",
            Refusal(floats, Data(FloatType.Default, 4, int.MaxValue, four)));
        Assert.Equal("column 'x': expected at least 2 bytes of validity, got 1", Refusal(floats,
            new(FloatType.Default, 4, 0, 5, [new(new byte[1]), new(new byte[64])])));
        Assert.Equal("column 'x': expected no missing value, got 4", Refusal(never,
            new(FloatType.Default, 4, 0, 0, [new(new byte[1]), four])));
        Assert.StartsWith("column 'x': expected indexes below 2, the size of the dictionary, got 2", Refusal(
            new("x", places, nullable: true), new(places, 4, 0, 0, [ArrowBuffer.Empty, new(new byte[] { 0, 1, 2, 0 })], [], texts.Data)),
            StringComparison.Ordinal);
        Assert.Equal("column 'x': expected an array, got none",
            Assert.Throws<ArrowFormatException>(() => new RecordBatch(new([floats], null), [null!], 4).ToBatch(_pool)).Message);
        var deep = floats;
        for (var i = 0; i < 1000; i++) { deep = new("d", new StructType([deep]), nullable: true); }
        Assert.Throws<ArrowFormatException>(() => new Apache.Arrow.Schema([deep], null).ToSchema());
        Assert.Equal(0, _pool.RentedBatches);
    }

    [Fact]
    public async Task A_pipeline_reads_record_batches_and_gives_them()
    {
        using var folder = new ArrowFolder();
        var written = folder.Sink("rows.arrow", ArrowForm.File, Mixed, 5, 0, 64);
        using var batches = new ArrowBatches(folder.Of("rows.arrow"));
        List<string> rows = [];
        await using var run = Pipeline.Define("p", p => p.FromRecordBatches(batches).ToRecordBatches().Output("out")).Start();

        await foreach (var records in run.ReadAllAsync<RecordBatch>("out", TestContext.Current.CancellationToken))
        {
            using (records)
            using (var batch = records.ToBatch(_pool)) { rows.AddRange(ArrowFolder.Rows(batch)); }
        }
        await run.Completion;
        Assert.Equal(written, rows);
    }

    private static ArrayData Data(IArrowType type, int length, int offset, ArrowBuffer values) =>
        new(type, length, 0, offset, [ArrowBuffer.Empty, values]);

    private string? Refusal(Apache.Arrow.Field field, ArrayData data)
    {
        var records = new RecordBatch(new([field], null), [ArrowArrayFactory.BuildArray(data)], 4);
        try
        {
            records.ToBatch(_pool).Dispose();
            return null;
        }
        catch (ArrowFormatException e) { return e.Message; }
    }
}
