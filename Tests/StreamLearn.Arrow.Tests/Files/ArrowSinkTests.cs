namespace StreamLearn.Arrow.Tests;

/// <summary>Batches of a pipeline as files of Arrow.</summary>
public sealed class ArrowSinkTests : IDisposable
{
    private static readonly Schema Mixed = new(
        Field.Time(), new("ax", ColumnType.Float32, Unit.StandardGravity, Nullable: true), new("wide", ColumnType.Float64, new("Cel")),
        new("count", ColumnType.Int64, Unit.One, Nullable: true), Field.Label());

    private const int Lives = 11;
    private readonly ArrowFolder _folder = new();
    private string Path => _folder.Of("rows.arrow");
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void What_is_written_a_source_reads_again(ArrowForm form)
    {
        var written = _folder.Sink("rows.arrow", form, Mixed, 1, 7, 0, 64, 1000, 3);
        Assert.Equal(written, ArrowFolder.Read(Path));
        Assert.Equal(Mixed, ArrowFolder.SchemaOf(Path));
        Assert.Equal(form == ArrowForm.File, IsFile(Path));
    }

    [Theory, InlineData("a.arrow", true), InlineData("a.feather", true), InlineData("a.ARROWS", false)]
    public void The_name_says_which_form_is_written(string name, bool isFile)
    {
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(_folder.Of(name))))
        {
            probe.Send(Batches.OfChannels(probe.Pool, [1]));
            probe.Complete();
        }
        Assert.Equal(isFile, IsFile(_folder.Of(name)));
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void A_file_that_is_being_read_is_not_written(ArrowForm form)
    {
        _folder.Sink("rows.arrow", form, Mixed, 5000);
        var before = File.ReadAllBytes(Path);
        using (new ArrowBatches(Path, ArrowLimits.Default, FileShare.Read))
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Path)))
        {
            using var batch = Batches.OfChannels(probe.Pool, [1]);
            Assert.ThrowsAny<Exception>(() => probe.Send(batch.Retain()));
        }
        Assert.Equal(before, File.ReadAllBytes(Path));
    }

    [Fact]
    public void The_time_is_a_timestamp_and_units_are_metadata()
    {
        _folder.Sink("rows.arrow", ArrowForm.File, Mixed, 3);
        using var file = new ArrowFileReader(Path);
        Assert.Equal("time timestamp[ns, UTC], ax float32?, wide float64, count int64?, label int32?", $"{file.Schema}");
        Assert.Equal([null, "gn", "Cel", null, null], file.Schema.Fields.Select(static f => f.Find("unit")));
    }

    [Fact]
    public void A_batch_of_other_columns_is_dropped_and_counted()
    {
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Path)))
        {
            probe.Send(Batches.OfChannels(probe.Pool, [1]));
            probe.Send(Batches.OfChannels(probe.Pool, [2], [3]));
            probe.Send(Batches.OfChannels(probe.Pool, [4]));
            probe.Complete();
            Assert.Equal(1, probe.Metrics.Drops["schema"]);
        }
        Assert.Equal(["1", "4"], ArrowFolder.Read(Path));
    }

    [Fact]
    public void A_run_without_batches_leaves_no_file()
    {
        File.WriteAllText(Path, "before");
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Path))) { probe.Complete(); }
        Assert.False(File.Exists(Path));
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void It_keeps_the_contract_and_made_anew_after_each_call_it_writes_the_same_bytes(ArrowForm form)
    {
        _folder.Sink("whole", form, Mixed, 5, 0, 9, 1);
        OperatorContract.CheckScript(() => OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Path, form), Mixed), probe =>
        {
            foreach (var (seed, rows) in new[] { 5, 0, 9, 1 }.Index())
            {
                probe.Send(Batches.Random(probe.Pool, Mixed, rows, seed));
                probe.Advance(TimeSpan.FromSeconds(1));
            }
            probe.Complete();
        });
        Assert.Equal(File.ReadAllBytes(_folder.Of("whole")), File.ReadAllBytes(Path));
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public async Task A_run_that_goes_on_from_a_checkpoint_writes_each_row_once_and_its_file_is_whole(ArrowForm form)
    {
        var (from, states) = (_folder.Of("from"), _folder.Of("states"));
        var rows = _folder.Sink("from", ArrowForm.Stream, Mixed, 20_000, 1, 900);
        long withoutEnd;
        using (var once = new SourceProbe<Batch>(p => p.FromArrow(from, batchRows: 1)))
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(_folder.Of("once"), form), Mixed))
        {
            while (once.NextAt is not null) { probe.Send(once.Next()); }
            withoutEnd = LengthOf(_folder.Of("once"));
            probe.Complete();
        }
        var opening = new Opening();
        var copy = Pipeline.Define("copy", p =>
            StayOpen(p, p.FromArrow(from, batchRows: 1).Buffer(2), opening).ToArrow(Path, form));
        var random = new Random(3);
        for (var life = 0; life <= Lives; life++)
        {
            opening.IsOpen = life < Lives;
            await using var run = copy.Start(new() { Checkpoints = new(states), StartFrom = Checkpoint.Newest(states) });
            for (var turns = random.Next(20); turns > 0; turns--) { await Task.Yield(); }
            if (life == Lives) { await run.Completion; }
            else if (life % 2 == 1) { await run.StopAsync(); }
            else
            {
                await run.CheckpointAsync();
                var length = LengthOf(Path);
                while (LengthOf(Path) == length && length < withoutEnd) { await Task.Yield(); }
            }
        }
        Assert.Equal(rows, ArrowFolder.Read(Path));
        Assert.Equal(File.ReadAllBytes(_folder.Of("once")), File.ReadAllBytes(Path));
    }

    [Theory, InlineData(ArrowForm.File), InlineData(ArrowForm.Stream)]
    public void What_was_written_before_a_kill_is_read_from_its_start(ArrowForm form)
    {
        List<string> written = [];
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(Path, form), Mixed))
        {
            for (var seed = 0; seed < 3; seed++)
            {
                var batch = Batches.Random(probe.Pool, Mixed, 20, seed);
                written.AddRange(ArrowFolder.Rows(batch));
                probe.Send(batch);
            }
        }
        var cut = File.ReadAllBytes(Path);
        foreach (var (bytes, rows) in new[] { (cut, 60), (cut[..^1], 40) })
        {
            var reader = new ArrowStreamReader(new MemoryStream(bytes));
            var read = 0;
            Assert.Equal(BatchFields.Of(Mixed), reader.ReadSchema());
            try
            {
                while (reader.Read() is { } batch) { read += batch.Rows; }
                Assert.Equal(60, rows);
            }
            catch (ArrowFormatException e) { Assert.Equal(4, e.MessageNumber); }
            Assert.Equal(rows, read);
        }
        Assert.Equal(60, written.Count);
        if (form == ArrowForm.Stream) { Assert.Equal(written, ArrowFolder.Read(Path)); }
    }

    [Fact]
    public async Task A_file_that_another_program_has_changed_is_not_gone_on_with()
    {
        var states = _folder.Of("states");
        _folder.Sink("from", ArrowForm.Stream, Mixed, 40_000);
        var opening = new Opening { IsOpen = true };
        var copy = Pipeline.Define("copy", p =>
            StayOpen(p, p.FromArrow(_folder.Of("from"), batchRows: 7), opening).ToArrow(Path));
        await using (var run = copy.Start(new() { Checkpoints = new(states) }))
        {
            while (LengthOf(Path) == 0) { await Task.Yield(); }
            await run.StopAsync();
        }
        var whole = await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken);
        foreach (var (bytes, expected) in new[] { (whole[..100], "bytes, got 100"), (new byte[whole.Length], "cannot resume writing") })
        {
            await File.WriteAllBytesAsync(Path, bytes, TestContext.Current.CancellationToken);
            var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var run = copy.Start(new() { Checkpoints = new(states), StartFrom = Checkpoint.Newest(states) });
                await run.Completion;
            });
            Assert.Contains(Path, refused.GetBaseException().Message, StringComparison.Ordinal);
            Assert.Contains(expected, refused.GetBaseException().Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_example_of_the_guide_leaves_texts_out_and_narrows_numbers()
    {
        var path = _folder.Write("a", ArrowForm.Stream, SampleWriter.Batch(
            new(
            [
                new("recorded", new(ArrowKind.Timestamp), Nullable: false), new("x", new(ArrowKind.Float64), Nullable: false),
                new("note", new(ArrowKind.Utf8), Nullable: false),
            ]),
            SampleWriter.Array(new("recorded", new(ArrowKind.Timestamp), Nullable: false), 1, data: BitConverter.GetBytes(2L)),
            SampleWriter.Array(new("x", new(ArrowKind.Float64), Nullable: false), 1, data: BitConverter.GetBytes(0.1)),
            SampleWriter.Array(new("note", new(ArrowKind.Utf8), Nullable: false), 1, offsets: new byte[8])));

        await ArrowGuideExamples.Trim(path).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["2000000000|0.1"], ArrowFolder.Read($"{path}.trimmed.arrow"));
        Assert.Equal("time int64 [ns], x float32 [1]", string.Join(", ", ArrowFolder.SchemaOf($"{path}.trimmed.arrow").Fields));
    }

    /// <summary>Rows, and a source without any that stays open: the run does not come to its end before it is saved.</summary>
    private static Flow<Batch> StayOpen(PipelineBuilder builder, Flow<Batch> rows, Opening opening) => rows.Merge(
        builder.From("open", opening, static (Opening opening, OperatorContext _) => new OpenSource(opening), Mixed, 1));

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private sealed record Opening
    {
        internal bool IsOpen { get; set; }
        public override string ToString() => "";
    }

    private sealed class OpenSource(Opening opening) : Source<Batch>, ISeekable
    {
        public override DateTimeOffset? NextAt => opening.IsOpen ? DateTimeOffset.MaxValue : null;
        public override Batch Next() => throw new InvalidOperationException("it has no rows");
        public void Seek(long messages) => Assert.Equal(0, messages);
    }

    private static bool IsFile(string path) => File.ReadAllBytes(path).AsSpan().StartsWith("ARROW1"u8);
}
