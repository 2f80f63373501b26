namespace StreamLearn.Formats.Tests;

/// <summary>A source that goes on from a checkpoint, wherever that was made, gives the rows that it would have given.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly CsvOptions Options = new()
    {
        Columns = [FileColumn.Channel("a"), FileColumn.Class("t", "x", "two\nlines"), FileColumn.Channel("m", nullable: true)],
        BatchRows = 1,
        SamplesPerSecond = 10,
        FileColumn = "file",
        Comment = '#',
        SkipBadRows = true,
    };

    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(1, false), InlineData(1, true), InlineData(3, false), InlineData(3, true)]
    public void At_every_row_of_CSV(int batchRows, bool isCompressed)
    {
        for (var file = 0; file < 3; file++)
        {
            var text = new StringBuilder("\uFEFF# of a test\r\nm,a,t,other\r\n");
            for (var i = 0; i < 20; i++)
            {
                text.Append(i % 5 == 1 ? "\n# comment\n" : "").Append(i % 7 == 2 ? "bad,row\n" : "");
                text.Append(i % 3 == 0 ? "" : $"{i}.5").Append($",{file}{i},{(i % 4 == 0 ? "\"two\nlines\"" : "x")},\"\"\"\"")
                    .Append(i % 2 == 0 ? "\r\n" : "\n");
            }
            var bytes = Encoding.UTF8.GetBytes(text.ToString().TrimEnd());
            _folder.Write($"{file}.csv", isCompressed ? FileFolder.Zipped(bytes) : bytes);
        }
        var rows = AtEveryMessage(p => p.FromCsv(_folder.Of("?.csv"), Options with { BatchRows = batchRows }));
        Assert.Equal(60, rows.Count);
    }

    internal const string SeveralHeaders = "x,y,label\n1,2,a\nx,y,label\n3,4,b\n"
        + "x,t,y,label\n5,20,6,a\n7,20,8,b\nx,label\n9,a\nx,y,label\n1,1,a\n";

    [Fact]
    public void At_every_row_below_several_headers()
    {
        var path = _folder.Write("a.csv", SeveralHeaders);
        CsvOptions options = new()
        {
            Columns = [FileColumn.Channel("x"), FileColumn.Channel("y"), FileColumn.Label("label", "a", "b")],
            BatchRows = 1,
            SkipBadRows = true,
        };

        Assert.Equal(["1|2|0", "3|4|1", "5|6|0", "7|8|1", "1|1|0"], AtEveryMessage(p => p.FromCsv(path, options)));
    }

    [Fact]
    public void At_every_line_of_JSON()
    {
        var lines = Enumerable.Range(0, 30).Select(i => $"{{\"a\":{i}}}\n{(i % 3 == 0 ? "\n" : "")}");
        var path = _folder.Write("data.jsonl", string.Concat(lines));
        Assert.Equal(30, AtEveryMessage(p => p.FromJsonLines(path, new() { Columns = [FileColumn.Channel("a")], BatchRows = 1 })).Count);
    }

    [Fact]
    public void At_every_batch_of_an_array()
    {
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToNpy(_folder.Of("a.npy"))))
        {
            static float[] Column(int c) => [.. Enumerable.Range(0, 31).Select(r => r + (c * 0.5f))];
            probe.Send(Batches.OfChannels(probe.Pool, Column(0), Column(1)));
            probe.Complete();
        }
        var rows = AtEveryMessage(p => p.FromNpy(_folder.Of("a.npy"), new() { BatchRows = 4, SamplesPerSecond = 2 }));
        Assert.Equal(31, rows.Count);
    }

    [Fact]
    public void A_file_that_has_become_shorter_is_refused()
    {
        var path = _folder.Write("data.csv", "a,t,m\n1,x,1\n2,x,2\n3,x,3\n");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(path, Options));
        probe.Next().Dispose();
        probe.Next().Dispose();
        File.WriteAllText(path, "a,t,m\n1,x,1\n");
        Assert.Throws<StateException>(probe.Restart);
    }

    [Fact]
    public async Task A_run_that_goes_on_from_a_checkpoint_writes_each_row_once()
    {
        var (from, to, states) = (_folder.Of("from.csv"), _folder.Of("to.csv"), _folder.Of("states"));
        var options = new CsvOptions { Columns = [FileColumn.Channel("a")], BatchRows = 7, Follow = TimeSpan.FromMilliseconds(1) };
        var copy = Pipeline.Define("copy", p => p.FromCsv(from, options).Buffer(2).ToCsv(to));
        var (random, lines) = (new Random(3), new List<string> { "a" });
        File.WriteAllText(from, "a\n");
        for (var life = 0; life < 20; life++)
        {
            await using var run = copy.Start(new() { Checkpoints = new(states), StartFrom = Checkpoint.Newest(states) });
            More();
            for (var turns = random.Next(200); turns > 0; turns--) { await Task.Yield(); }
            if (life == 19)
            {
                while (File.ReadLines(to).Count() < lines.Count && !run.Completion.IsCompleted) { await Task.Yield(); }
            }
            if (life % 2 == 1)
            {
                await run.StopAsync();
                continue;
            }
            await run.CheckpointAsync();
            var length = File.Exists(to) ? new FileInfo(to).Length : 0;
            More();
            while ((!File.Exists(to) || new FileInfo(to).Length == length) && !run.Completion.IsCompleted) { await Task.Yield(); }
        }
        Assert.Equal(lines, File.ReadLines(to));

        void More()
        {
            string[] more = [.. Enumerable.Range(lines.Count, 100).Select(i => $"{i}")];
            lines.AddRange(more);
            File.AppendAllLines(from, more);
        }
    }

    private static List<string> AtEveryMessage(Func<PipelineBuilder, Flow<Batch>> source)
    {
        var whole = FileFolder.Rows(source);
        using (var probe = new SourceProbe<Batch>(source))
        {
            List<string> rows = [];
            for (var looks = false; ; looks = !looks)
            {
                probe.Restart();
                if (looks && probe.NextAt is not null) { probe.Restart(); }     // what was read beforehand is read again
                if (probe.NextAt is null) { break; }
                using var batch = probe.Next();
                rows.AddRange(FileFolder.Rows(batch));
            }
            Assert.Equal(whole, rows);
        }
        for (var messages = 1; messages < 5; messages++)
        {
            using var probe = new SourceProbe<Batch>(source);
            List<string> rows = [];
            for (var m = 0; m < messages; m++)
            {
                using var batch = probe.Next();
                rows.AddRange(FileFolder.Rows(batch));
            }
            probe.Restart();
            rows.AddRange(FileFolder.Rows(probe));
            Assert.Equal(whole, rows);
        }
        return whole;
    }
}
