using Apache.Arrow.Types;

namespace StreamLearn.Arrow.Tests;

/// <summary>Files of Arrow, of whatever tool, as the rows of a pipeline.</summary>
public sealed class ArrowSourceTests : IDisposable
{
    private readonly ArrowFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void A_batch_has_as_many_rows_as_asked_for_and_never_rows_of_two_of_the_file(ArrowForm form)
    {
        var path = _folder.Write("a", form, Numbers(10), Numbers(0), Numbers(3), Numbers(8));
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(path, batchRows: 4));
        List<int> rows = [];
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            rows.Add(batch.Rows);
        }
        Assert.Equal([4, 4, 2, 3, 4, 4], rows);
        Assert.Throws<InvalidOperationException>(() => probe.Next());
        Assert.Throws<ArgumentOutOfRangeException>(() => ArrowFolder.Read(path, new() { BatchRows = 0 }));
    }

    [Fact]
    public void Columns_are_those_named_in_the_order_of_their_names()
    {
        var path = _folder.Write("a", ArrowForm.File, ArrowSamples.Of(6));
        var options = new ArrowBatchOptions { Columns = ["int64", "bool", "float32"] };
        Assert.Equal("int64 int64? [m/s2], bool int32? [1], float32 float32? [m/s2]",
            string.Join(", ", ArrowFolder.SchemaOf(path, options).Fields));
        Assert.Equal(["0|1|0", "5000000000|0|0.33333334", "10000000000|0|0.6666667", "||", "20000000000|0|1.3333334",
            "25000000000|0|1.6666666"], ArrowFolder.Read(path, new() { Batches = options }));
        var refused = Assert.Throws<SchemaException>(() => ArrowFolder.SchemaOf(path, new() { Columns = ["nope"] }));
        Assert.StartsWith($"{path}: expected a column 'nope', got null null?, bool bool?", refused.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(TimeUnit.Second, 1_000_000_000), InlineData(TimeUnit.Millisecond, 1_000_000)]
    [InlineData(TimeUnit.Microsecond, 1_000), InlineData(TimeUnit.Nanosecond, 1)]
    public void The_only_timestamp_is_the_time_in_nanoseconds_whatever_its_name_and_unit(TimeUnit unit, long scale)
    {
        var path = _folder.Write("a", ArrowForm.Stream, Of(Timestamps("recorded at", unit, 3), Values("x", 3)));
        Assert.Equal(new Schema(new Field("time", ColumnType.Int64, Unit.Nanosecond, Nullable: true),
            new Field("x", ColumnType.Float32, new("m/s2"), Nullable: true)), ArrowFolder.SchemaOf(path));
        Assert.Equal([$"{-scale}|0", "0|1", $"{scale}|2"], ArrowFolder.Read(path));
    }

    [Fact]
    public void Of_several_timestamps_the_one_named_time_or_by_the_options_is_the_time()
    {
        var second = TimeUnit.Second;
        var two = _folder.Write("two", ArrowForm.File, Of(Timestamps("begin", second, 2), Timestamps("end", second, 2)));
        var named = _folder.Write("named", ArrowForm.File, Of(Timestamps("begin", second, 2), Timestamps("time", second, 2)));
        Assert.Equal(["begin", "end"], ArrowFolder.SchemaOf(two).Fields.Select(static f => f.Name));
        Assert.Equal(["begin", "time"], ArrowFolder.SchemaOf(two, new() { Time = "end" }).Fields.Select(static f => f.Name));
        Assert.Equal(["begin", "time"], ArrowFolder.SchemaOf(named).Fields.Select(static f => f.Name));
        Assert.Equal(["-1000000000|-1000000000", "0|0"], ArrowFolder.Read(two));
        var other = _folder.Write("other", ArrowForm.File, Of(Values("x", 2)));
        Assert.Equal($"{other}: expected a timestamp 'x', got x float32?",
            Assert.Throws<SchemaException>(() => ArrowFolder.SchemaOf(other, new() { Time = "x" })).Message);
    }

    [Fact]
    public void A_number_is_no_event_time_and_one_named_time_makes_way_for_the_timestamp()
    {
        var number = ArrowSamples.Fixed<long>("time", ArrowKind.Int64, 2, static i => i + 5);
        var alone = _folder.Write("alone", ArrowForm.File, Of(number, Values("x", 2)));
        var beside = _folder.Write("beside", ArrowForm.File, Of(number, Timestamps("at", TimeUnit.Second, 2)));
        Assert.Equal("time int64? [m/s2]", $"{ArrowFolder.SchemaOf(alone).Fields[0]}");
        Assert.Equal(["time"], ArrowFolder.SchemaOf(beside).Fields.Select(static f => f.Name));
        Assert.Equal(["-1000000000", "0"], ArrowFolder.Read(beside));
    }

    [Fact]
    public void An_index_of_a_text_means_the_same_in_all_batches_or_the_run_fails()
    {
        var (two, five) = (ArrowSamples.Entries(2), ArrowSamples.Entries(5));
        var other = ArrowSamples.Texts("colour", ArrowKind.Utf8, 2, static i => $"other {i}", missing: false);
        SteadyTexts? texts = null;
        void Check(ArrowArray entries) => (texts ??= new(new(HostileCorpus.Coloured(2, two).Schema, new()))).Check(
            0, entries.Data, entries.Length, i => Encoding.UTF8.GetString(entries.Bytes(i)));

        Check(two);
        Check(five);
        Check(two);

        Assert.Equal("column 'colour': expected 'colour 0' as entry 0 of its dictionary, as before, got 'other 0'",
            Assert.Throws<ArrowFormatException>(() => Check(other)).Message);
        Assert.Contains("of its dictionary, as before, got ",
            Assert.Throws<ArrowFormatException>(() => ArrowFolder.Read(Golden.Of("dictionaries.arrows"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_stays_as_wide_as_it_is()
    {
        var path = _folder.Write("a", ArrowForm.File, Of(ArrowSamples.Fixed("target", ArrowKind.Float64, 4, static i => i + 1e-12)));
        Assert.Equal(ColumnType.Float64, ArrowFolder.SchemaOf(path, new() { Narrows = true }).Fields[0].Type);
    }

    [Fact]
    public void A_time_beyond_64_bits_of_nanoseconds_fails_the_run_with_its_row()
    {
        var far = ArrowSamples.Fixed("at", new ArrowType(ArrowKind.Timestamp), 3, static i => i == 2 ? 10_000_000_000 : 0);
        var path = _folder.Write("a", ArrowForm.File, Of(far));
        var failed = Assert.Throws<ArrowFormatException>(() => ArrowFolder.Read(path));
        Assert.Equal("column 'at': expected a value that fits into nanoseconds of 64 bits, got another in row 2", failed.Message);
    }

    [Fact]
    public void What_a_batch_cannot_hold_is_refused_by_name_or_left_out()
    {
        var path = _folder.Write("a", ArrowForm.File, ArrowSamples.Of(5));

        Assert.Equal(
            $"{path}: column 'null': a batch cannot hold null: set LeavesOut, or list the other columns in Columns",
            Assert.Throws<SchemaException>(() => ArrowFolder.SchemaOf(path, new() { LeavesOut = false })).Message);
        foreach (var leavesOut in (bool[])[false, true])
        {
            Assert.Equal($"{path}: column 'list': a batch cannot hold list<item float32?>: remove it from Columns",
                Assert.Throws<SchemaException>(
                    () => ArrowFolder.SchemaOf(path, new() { Columns = ["int8", "list"], LeavesOut = leavesOut })).Message);
        }
        Assert.Equal(
            [
                "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
                "date32", "date64", "time32s", "time32ms", "time64us", "time64ns", "timestamp_s", "timestamp_ns", "timestamp_zone",
                "duration", "dictionary",
            ],
            ArrowFolder.SchemaOf(path).Fields.Select(static f => f.Name));
    }

    [Fact]
    public void Wide_numbers_become_channels_where_they_may()
    {
        var path = _folder.Write("a", ArrowForm.File, Of(ArrowSamples.Fixed("x", ArrowKind.Float64, 4, static i => i + 1e-12)));
        Assert.Equal("x float64? [m/s2]", $"{ArrowFolder.SchemaOf(path).Fields[0]}");
        Assert.Equal("x float32? [m/s2]", $"{ArrowFolder.SchemaOf(path, new() { Narrows = true }).Fields[0]}");
        Assert.Equal(["1E-12", "1.000000000001", "2.000000000001", ""], ArrowFolder.Read(path));
        Assert.Equal(["1E-12", "1", "2", ""], ArrowFolder.Read(path, new() { Batches = new() { Narrows = true } }));
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public async Task A_damaged_file_fails_the_run_with_the_path_the_message_and_its_place(ArrowForm form)
    {
        var (one, two) = (Of(Values("x", 3)), Of(Values("x", 300)));
        var path = _folder.Write("a", form, one, two);
        var first = SampleWriter.Written(one.Schema, ArrowForm.Stream, compresses: false, one);
        var second = first.Length - ArrowBatchWriter.EndOfStream.Length;
        if (form == ArrowForm.File) { second += 8; }        // the mark
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes.AsSpan(second + sizeof(uint), sizeof(int)).Fill(0x7f);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        List<string> rows = [];
        var pipeline = Pipeline.Define("p", p => p.FromArrow(path).ForEach("keep", batch => rows.AddRange(ArrowFolder.Rows(batch))));

        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));

        var reason = Assert.IsType<ArrowFormatException>(failed.GetBaseException());
        Assert.StartsWith($"{path}: message {(form == ArrowForm.Stream ? 3 : 2)} at byte {second}: ", reason.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason.Message);
    }

    [Fact]
    public void Files_that_are_none_are_refused_before_a_run()
    {
        var whole = File.ReadAllBytes(_folder.Write("a", ArrowForm.File, Of(Values("x", 3))));
        foreach (var bytes in (byte[][])[[], [.. "time,x\n0,1\n"u8], whole[..20], whole[3..]])
        {
            File.WriteAllBytes(_folder.Of("b"), bytes);
            var refused = Assert.Throws<ArrowFormatException>(() => Pipeline.Define("p", p => p.FromArrow(_folder.Of("b")).Discard()));
            Assert.StartsWith(_folder.Of("b"), refused.Message, StringComparison.Ordinal);
        }
        Assert.Contains("nothing", Assert.Throws<ArrowFormatException>(
            () => Pipeline.Define("p", p => p.FromArrow(_folder.Of("nothing")).Discard())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_has_other_columns_than_when_the_pipeline_was_defined_fails_the_run()
    {
        var path = _folder.Write("a", ArrowForm.File, Of(Values("x", 3)));
        var pipeline = Pipeline.Define("p", p => p.FromArrow(path).Discard());
        _folder.Write("a", ArrowForm.File, Of(Values("y", 3)));
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"{path}: expected x float32? [m/s2], the schema when the pipeline was defined, got y float32? [m/s2]",
            failed.GetBaseException().Message);
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void A_source_that_goes_on_from_a_checkpoint_gives_the_rows_that_it_would_have_given(ArrowForm form)
    {
        var path = _folder.Write("a", form, Numbers(10), Numbers(1), Numbers(0), Numbers(25));
        var options = new ArrowRowsOptions { BatchRows = 3 };
        var whole = ArrowFolder.Read(path, options);
        for (var every = 1; every < 5; every++)
        {
            using var probe = new SourceProbe<Batch>(p => p.FromArrow(path, batchRows: options.BatchRows));
            List<string> rows = [];
            for (var made = 0; probe.NextAt is not null; made++)
            {
                if (made % every == 0) { probe.Restart(); }
                if (probe.NextAt is null) { break; }
                using var batch = probe.Next();
                rows.AddRange(ArrowFolder.Rows(batch));
            }
            Assert.Equal(whole, rows);
        }
    }

    [Fact]
    public void A_file_that_has_become_shorter_is_refused_when_a_run_goes_on()
    {
        var path = _folder.Write("a", ArrowForm.Stream, Numbers(3), Numbers(3));
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(path));
        probe.Next().Dispose();
        probe.Next().Dispose();
        _folder.Write("a", ArrowForm.Stream, Numbers(3));
        Assert.Equal("expected 1 more batches: the file has become shorter", Assert.Throws<StateException>(probe.Restart).Message);
    }

    private static ArrowBatch Numbers(int rows) =>
        Of(Values("x", rows), ArrowSamples.Fixed("n", ArrowKind.Int32, rows, i => (100 * rows) + i));

    private static ArrowArray Values(string name, int rows) => ArrowSamples.Fixed<float>(name, ArrowKind.Float32, rows, static i => i);

    private static ArrowArray Timestamps(string name, TimeUnit unit, int rows) =>
        ArrowSamples.Fixed<long>(name, new ArrowType(ArrowKind.Timestamp, unit), rows, static i => i - 1);

    private static ArrowBatch Of(params ImmutableArray<ArrowArray> columns) =>
        SampleWriter.Batch(new([.. columns.Select(static c => c.Field)]), columns);
}
