namespace StreamLearn.Formats.Tests;

/// <summary>A file that grows while it is read.</summary>
public sealed class FollowTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);
    private static readonly CsvOptions Options = new() { Columns = [FileColumn.Channel("a"), FileColumn.Channel("b")], Follow = Wait };
    private readonly FileFolder _folder = new();
    private string Log => _folder.Of("log.csv");
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_come_when_their_lines_are_whole()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(Log, Options));
        Assert.Empty(Rows(probe));
        File.WriteAllText(Log, "a,b\n");
        Assert.Empty(Rows(probe));
        File.AppendAllText(Log, "1,2\n3,");
        Assert.Equal(["1|2"], Rows(probe));
        File.AppendAllText(Log, "4");
        Assert.Empty(Rows(probe));
        File.AppendAllText(Log, "5\n6,7\n");
        Assert.Equal(["3|45", "6|7"], Rows(probe));
        Assert.NotNull(probe.NextAt);
    }

    [Fact]
    public void Nothing_is_looked_at_before_it_is_time()
    {
        File.WriteAllText(Log, "a,b\n1,2\n");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(Log, Options));
        probe.Next().Dispose();
        var due = probe.NextAt;
        File.AppendAllText(Log, "3,4\n");
        Assert.Equal(probe.Now + Wait, due);
        Assert.Equal(due, probe.NextAt);
        probe.Advance(Wait);
        Assert.Equal(probe.Now, probe.NextAt);
    }

    [Fact]
    public void A_truncated_file_is_read_from_its_beginning_and_told()
    {
        File.WriteAllText(Log, "a,b\n1,2\n3,4\n");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(Log, Options));
        Assert.Equal(["1|2", "3|4"], Rows(probe));
        File.WriteAllText(Log, "b,a\n5,6\n");
        Assert.Equal(["6|5"], Rows(probe));
        Assert.Equal(1, probe.Metrics.Counters["files-truncated"]);
    }

    [Theory, InlineData("a,b\n5,6\n7,8\n9,0\n"), InlineData("a,b\n5,6\n7,8\n"), InlineData("a,b\n5,6\n")]
    public void A_file_of_the_same_name_follows_the_one_that_was_renamed(string next)
    {
        File.WriteAllText(Log, "a,b\n1,2\n3,4");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(Log, Options));
        Assert.Equal(["1|2"], Rows(probe));
        File.Move(Log, _folder.Of("log.1.csv"));
        Assert.Empty(Rows(probe));
        File.WriteAllText(Log, next);
        Assert.Equal(["3|4", .. next.Split('\n')[1..^1].Select(l => l.Replace(',', '|'))], Rows(probe));
        Assert.Equal(1, probe.Metrics.Counters["files-rotated"]);
    }

    [Fact]
    public void A_restart_goes_on_at_the_exact_row_also_of_a_truncated_file()
    {
        File.WriteAllText(Log, "a,b\n1,2\n3,4\n5");
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(Log, Options));
        Assert.Equal(["1|2", "3|4"], Rows(probe));

        probe.Restart();
        Assert.Empty(Rows(probe));
        File.AppendAllText(Log, ",6\n");
        Assert.Equal(["5|6"], Rows(probe));
        File.WriteAllText(Log, "a,b\n7,8\n");
        probe.Restart();

        Assert.Equal(["7|8"], Rows(probe));
        Assert.Equal(1, probe.Metrics.Counters["files-truncated"]);
    }

    [Theory, InlineData(Pace.Original), InlineData(Pace.AsFastAsPossible)]
    public async Task A_run_follows_until_it_is_drained(Pace pace)
    {
        List<string> rows = [];
        var (clock, seen) = (new ManualTimeProvider(), 0);
        var pipeline = Pipeline.Define("follow", p => p.FromCsv(Log, Options).ForEach("rows", batch =>
        {
            rows.AddRange(FileFolder.Rows(batch));
            Volatile.Write(ref seen, rows.Count);
        }));
        await using var run = pipeline.Start(new() { TimeProvider = clock, Pace = pace, GuardMemory = true });
        File.WriteAllText(Log, "a,b\n");
        for (var i = 0; i < 20; i++)
        {
            File.AppendAllText(Log, $"{i},0\n");
            while (Volatile.Read(ref seen) <= i && !run.Completion.IsCompleted)
            {
                clock.Advance(Wait);
                await Task.Yield();
            }
        }
        await run.DrainAsync();
        await run.Completion;

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}|0"), rows);
    }

    [Fact]
    public void What_cannot_be_followed_is_refused()
    {
        _folder.Write("1.csv", "a,b\n");
        _folder.Write("z.csv", FileFolder.Zipped("a,b\n1,2\n"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => Pipeline.Define("p", p => p.FromCsv(_folder.Of("*.csv"), Options).Discard()));
        using var probe = new SourceProbe<Batch>(p => p.FromCsv(_folder.Of("z.csv"), Options));
        Assert.Throws<FileRowsException>(() => probe.NextAt);
    }

    /// <summary>The rows that are there at the next look.</summary>
    private static List<string> Rows(SourceProbe<Batch> probe)
    {
        List<string> rows = [];
        probe.Advance(2 * Wait);
        while (probe.NextAt == probe.Now)
        {
            using var batch = probe.Next();
            rows.AddRange(FileFolder.Rows(batch));
        }
        return rows;
    }
}
