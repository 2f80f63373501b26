using System.Diagnostics;

namespace StreamLearn.Formats.Tests;

/// <summary>Lines of programs and serial ports.</summary>
public sealed class LineSourceTests
{
    private const int Rows = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly CsvOptions Csv = new() { Columns = [FileColumn.Channel("x"), FileColumn.Channel("y")] };
    private static readonly JsonFormat Json = new(new() { Columns = [JsonColumn.Channel("x", "$.v.x"), JsonColumn.Channel("y", "$.v.y")] });
    private static readonly LineOptions Fast = new() { Gather = TimeSpan.FromMilliseconds(2) };

    [Fact]
    public async Task A_command_of_csv_lines_gives_all_its_rows_and_comes_again_when_it_is_killed() =>
        await SurvivesAsync("echo x,y; i=0; while [ $i -lt 10000 ]; do echo $i,$$; i=$((i+1)); done; exec sleep 100", Csv);

    [Fact]
    public async Task A_command_of_json_lines_gives_all_its_rows_and_comes_again_when_it_is_killed() => await SurvivesAsync(
        "i=0; while [ $i -lt 10000 ]; do echo \"{\\\"v\\\":{\\\"y\\\":$$,\\\"x\\\":$i}}\"; i=$((i+1)); done; exec sleep 100", Json);

    [Fact]
    public async Task What_cannot_be_read_is_counted_by_its_reason_and_left_out()
    {
        var (script, lines) = (new List<RefusedRow>(), new Collected());
        var text = $"boot v1\\nx,y\\n1,2\\n3\\n4,z\\n1,2{new string(' ', 200)}\\n5,6\\n8,";
        var options = Fast with { MaxLineBytes = 100, OnRefused = script.Add, Say = lines.Say };
        await using var run = Start(p => p.FromLines(Shell($"printf '{text}'; sleep 0.1; exit 3"), Csv, options), lines);
        await lines.UntilAsync(l => l.Rows.Count >= 2 && run.Metrics["lines"].Counter("openings-ended") > 0);
        Assert.Equal([(1, 2), (5, 6)], lines.Rows.Take(2));
        var dropped = run.Metrics["lines"].RowsDropped;
        Assert.Equal(["bad-header", "cut-off", "too-long", "wrong-type", "wrong-width"], dropped.Keys.Order());
        Assert.Contains(script, static r => r is { Reason: FileFault.WrongType, Column: "y", Text: "4,z" });
        Assert.Contains(lines.Said, static s => s.Contains("has ended with exit code 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_waits_while_nobody_takes_its_rows()
    {
        var lines = new Collected();
        await using var run = Start(p => p.FromLines(Shell("echo x,y; echo $$,0; exec yes 1,2"), Csv, Fast), lines);
        await lines.UntilAsync(static l => l.Rows.Count > 0);
        var written = $"/proc/{lines.Rows[0].X:0}/io";
        lines.IsHeld = true;
        try
        {
            var (before, now) = ("", File.ReadAllText(written));
            while (before != now)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                (before, now) = (now, File.ReadAllText(written));
            }
        }
        finally { lines.IsHeld = false; }

        var count = lines.Rows.Count;
        await lines.UntilAsync(l => l.Rows.Count > count + 100_000);
        Assert.All(lines.Rows.Skip(1), static r => Assert.Equal((1, 2), r));
    }

    [Fact]
    public async Task All_that_a_command_has_started_ends_with_the_run()
    {
        var lines = new Collected();
        var run = Start(p => p.FromLines(Shell("echo x,y; sleep 1000 & echo $!,$$; wait"), Csv, Fast), lines);
        await lines.UntilAsync(static l => l.Rows.Count == 1);
        var (child, shell) = ((int)lines.Rows[0].X, (int)lines.Rows[0].Y);
        await run.DisposeAsync();
        await lines.UntilAsync(_ => !IsThere(child) && !IsThere(shell));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_said_once()
    {
        var lines = new Collected();
        await using var run = Start(p => p.FromLines(new CommandLines(["/no/such/program"]), Csv, Fast with { Say = lines.Say }), lines);
        await lines.UntilAsync(static l => l.Said.Any(static s => s.Contains("reopening it in 0.25 s", StringComparison.Ordinal)));
        Assert.Single(lines.Said, static s => s.Contains("reopening", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_ends_well_ends_the_rows_where_that_is_asked_for_and_one_that_fails_is_started_again()
    {
        using var folder = new TemporaryFolder();
        var (ran, lines) = (folder.File("ran"), new Collected());
        var script = $"echo x,y; echo 1,2; test -e {ran} && exit 0; touch {ran}; exit 3";
        await using var run = Start(p => p.FromLines(Shell(script), Csv, Fast with { EndsWithProgram = true, Say = lines.Say }), lines);
        await run.Completion.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal([(1, 2), (1, 2)], lines.Rows);
        Assert.Contains("exit code 3; reopening it", Assert.Single(lines.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_serial_port_gives_all_its_rows_and_is_opened_again_when_it_was_away()
    {
        using var folder = new TemporaryFolder();
        var (port, lines) = (folder.File("port"), new Collected());
        await using var run = Start(p => p.FromLines(
            new SerialLines(port, 115200), Csv with { Header = false }, Fast with { Say = lines.Say }), lines);
        for (var opening = 0; opening < 2; opening++)
        {
            using var terminal = new PseudoTerminal();
            File.CreateSymbolicLink(port, terminal.Path);
            terminal.Write("9,9,9\n");        // the first line may be cut off
            var (from, to) = (opening * Rows / 2, (opening + 1) * Rows / 2);
            for (var i = from; i < to; i++) { terminal.Write(FormattableString.Invariant($"{i},0.5\r\n")); }
            await lines.UntilAsync(l => l.Rows.Count == to);
            File.Delete(port);
        }
        Assert.Equal(Enumerable.Range(0, Rows), lines.Rows.Select(static r => (int)r.X));
        Assert.Contains(lines.Said, static s => s.Contains("reopening it", StringComparison.Ordinal));
    }

    private static async Task SurvivesAsync(string script, object form)
    {
        var lines = new Collected();
        await using var run = Start(p => form is CsvOptions csv ? p.FromLines(Shell(script), csv, Fast with { Say = lines.Say })
            : p.FromLines(Shell(script), (JsonFormat)form, Fast with { Say = lines.Say }), lines);
        await lines.UntilAsync(static l => l.Rows.Count == Rows);
        var first = (int)lines.Rows[0].Y;

        Process.GetProcessById(first).Kill();
        await lines.UntilAsync(static l => l.Rows.Count == 2 * Rows);

        Assert.Equal(Enumerable.Range(0, Rows).Concat(Enumerable.Range(0, Rows)), lines.Rows.Select(static r => (int)r.X));
        Assert.NotEqual(first, (int)lines.Rows[^1].Y);
        Assert.Contains(lines.Said, static s => s.Contains("exit code 137", StringComparison.Ordinal));
        Assert.Empty(run.Metrics["lines"].RowsDropped);
    }

    private static CommandLines Shell(string script) => new(["/bin/sh", "-c", script]);

    private static bool IsThere(int process) => Directory.Exists($"/proc/{process.ToString(CultureInfo.InvariantCulture)}")
        && !File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat").Contains(") Z", StringComparison.Ordinal);

    private static PipelineRun Start(Func<PipelineBuilder, Flow<Batch>> rows, Collected lines) =>
        lines.Run = Pipeline.Define("device", p => rows(p).ForEach("collect", lines.Add)).Start();

    /// <summary>What has come.</summary>
    private sealed class Collected
    {
        private readonly Lock _lock = new();
        private readonly List<(float X, float Y)> _rows = [];
        private readonly List<string> _said = [];
        private readonly object _gate = new();
        private bool _isHeld;
        internal PipelineRun? Run { get; set; }

        internal bool IsHeld
        {
            set
            {
                lock (_gate)
                {
                    _isHeld = value;
                    Monitor.PulseAll(_gate);
                }
            }
        }

        internal List<(float X, float Y)> Rows
        {
            get { lock (_lock) { return [.. _rows]; } }
        }

        internal List<string> Said
        {
            get { lock (_lock) { return [.. _said]; } }
        }

        internal void Say(string text) { lock (_lock) { _said.Add(text); } }

        internal void Add(Batch batch)
        {
            lock (_gate)
            {
                while (_isHeld) { Monitor.Wait(_gate); }
            }
            lock (_lock)
            {
                for (var row = 0; row < batch.Rows; row++)
                {
                    _rows.Add((batch["x"].Values<float>()[row], batch["y"].Values<float>()[row]));
                }
            }
        }

        internal async Task UntilAsync(Func<Collected, bool> isSo)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!isSo(this))
            {
                if (Run!.Completion.IsFaulted) { await Run.Completion; }
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, string.Join('\n', Said.Append($"{Rows.Count} rows")));
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }
}
