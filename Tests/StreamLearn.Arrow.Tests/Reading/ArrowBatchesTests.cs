namespace StreamLearn.Arrow.Tests;

/// <summary>Batches in their order: of either form, whatever the name, and of files that were cut.</summary>
public sealed class ArrowBatchesTests : IDisposable
{
    private readonly ArrowFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(ArrowForm.File, "a.arrows"), InlineData(ArrowForm.Stream, "a.arrow")]
    public void The_content_says_the_form_not_the_name(ArrowForm form, string name)
    {
        var path = _folder.Write(name, form, Numbers(3), Numbers(2));
        using var batches = new ArrowBatches(path);
        Assert.Equal((form == ArrowForm.File ? 2 : null, false), (batches.Count, batches.IsCut));
        Assert.Equal([3, 2], RowsOf(batches));
        using var bytes = new MemoryStream(File.ReadAllBytes(path));
        using var stream = new ArrowBatches(bytes);
        Assert.Equal([3, 2], RowsOf(stream));
    }

    [Theory, InlineData(null, "stream: message "), InlineData("", "message "), InlineData("pipe", "pipe: message ")]
    public void Exceptions_begin_with_the_name(string? name, string start)
    {
        using var bytes = new MemoryStream();
        var empty = Assert.Throws<ArrowFormatException>(() => name is null ? new ArrowBatches(bytes) : new ArrowBatches(bytes, name: name));
        Assert.StartsWith(start, empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_still_written_can_be_read()
    {
        var path = _folder.Write("a", ArrowForm.File, Numbers(3));
        using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        using var batches = new ArrowBatches(path);
        Assert.Equal([3], RowsOf(batches));
    }

    [Fact]
    public void A_file_that_was_cut_gives_its_whole_batches_and_then_says_what_is_missing()
    {
        var whole = File.ReadAllBytes(_folder.Write("a", ArrowForm.File, Numbers(3), Numbers(300)));
        var path = _folder.Of("b");
        foreach (var (kept, rows) in new[] { (whole.Length - 1, 303), (whole.Length - 700, 3) })
        {
            File.WriteAllBytes(path, whole[..kept]);
            using var batches = new ArrowBatches(path);
            List<int> read = [];
            var cut = Assert.Throws<ArrowFormatException>(() => Fill(batches, read));
            Assert.True(batches.IsCut);
            Assert.Equal(rows, read.Sum());
            Assert.StartsWith($"{path}: ", cut.Message, StringComparison.Ordinal);
            Assert.EndsWith(rows == 3 ? "(the file was cut before its footer: 1 whole batch was read from its start)"
                : "(the file was cut before its footer: 2 whole batches were read from its start)", cut.Message, StringComparison.Ordinal);
            Assert.Equal(rows == 3, cut.Position > 0);
        }
    }

    [Fact]
    public async Task A_pipeline_gets_the_whole_batches_of_a_cut_file_and_fails_then()
    {
        var whole = await File.ReadAllBytesAsync(_folder.Write("a", ArrowForm.File, Numbers(3), Numbers(300)),
            TestContext.Current.CancellationToken);
        var path = _folder.Of("b.arrow");
        await File.WriteAllBytesAsync(path, whole[..^1], TestContext.Current.CancellationToken);
        var rows = 0;
        var pipeline = Pipeline.Define("p", p => p.FromArrow(path).ForEach("count", batch => rows += batch.Rows));
        var failed = await Assert.ThrowsAsync<BlockFailedException>(() => pipeline.RunAsync(TestContext.Current.CancellationToken));
        Assert.InRange(rows, 0, 303);       // what has not come to the end when the source fails is dropped
        Assert.Contains("cut before its footer", Assert.IsType<ArrowFormatException>(failed.GetBaseException()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_gives_every_whole_batch_before_the_cut_and_fails_at_it()
    {
        var whole = File.ReadAllBytes(_folder.Write("a", ArrowForm.File, Numbers(3), Numbers(5), Numbers(300)));
        var path = _folder.Of("b.arrow");
        File.WriteAllBytes(path, whole[..^1]);
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(path));
        List<int> rows = [];

        void Take()
        {
            using var batch = probe.Next();
            rows.Add(batch.Rows);
        }

        for (var i = 0; i < 3; i++) { Take(); }
        var cut = Assert.ThrowsAny<Exception>(Take);

        Assert.Equal([3, 5, 300], rows);
        Assert.Contains("cut before its footer", cut.GetBaseException().Message, StringComparison.Ordinal);
    }

    private static List<int> RowsOf(ArrowBatches batches)
    {
        List<int> rows = [];
        Fill(batches, rows);
        return rows;
    }

    private static void Fill(ArrowBatches batches, List<int> rows) { while (batches.Read() is { } batch) { rows.Add(batch.Length); } }

    private static ArrowBatch Numbers(int rows)
    {
        var column = ArrowSamples.Fixed<float>("x", ArrowKind.Float32, rows, static i => i);
        return SampleWriter.Batch(new([column.Field]), column);
    }
}
