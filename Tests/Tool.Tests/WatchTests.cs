using System.Text;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class WatchTests : IDisposable
{
    private const int Hour = 3600;      // rows

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A rate of 0.0001 lets a row in three hours be an alert; episodes need three that are close.</summary>
    [Theory]
    [InlineData("t2")]
    [InlineData("window")]
    [InlineData("centers")]
    public async Task A_planted_fault_is_an_episode_and_an_hour_of_usual_rows_has_none(string rule)
    {
        var (usual, today) = (Write("usual.csv", 3 * Hour, seed: 1), Write("today.csv", 2 * Hour, seed: 2, faultAt: Hour + 1200));

        var run = await ToolRun.RunAsync("watch", "--csv", today, "--usual", usual, "--rule", rule);

        Assert.Equal(0, run.ExitCode);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal("time,score,alert,channel", lines[0]);
        Assert.Equal(2 * Hour, lines.Length - 1);
        var alerts = lines.Skip(1).Index().Where(static l => l.Item.Split(',')[2] == "1").Select(static l => l.Index).ToList();
        Assert.InRange(alerts.Count(static a => a < Hour), 0, 3);
        Assert.Contains(", 1 episode of 3 or more", run.Error, StringComparison.Ordinal);
        Assert.Contains("streamlearn:   2026-03-01T01:20:0", run.Error, StringComparison.Ordinal);
        Assert.Contains("vibration stands out", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_rows_are_taken_for_usual_and_the_others_are_judged()
    {
        var rows = Write("rows.csv", 2000, seed: 3, faultAt: 1500);

        var (quarter, own) = (await ToolRun.RunAsync("watch", "--csv", rows),
            await ToolRun.RunAsync("watch", "--csv", rows, "--learn", "1000", "--threshold", "50", "--out", _folder.File("scores.csv")));

        Assert.Equal(1 + 1500, quarter.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("the first 500 rows are the baseline", quarter.Error, StringComparison.Ordinal);
        Assert.Equal("", own.Output);
        Assert.Contains("alert above a score of 50\n", own.Error, StringComparison.Ordinal);
        Assert.Equal(1 + 1000, (await File.ReadAllLinesAsync(_folder.File("scores.csv"), TestContext.Current.CancellationToken)).Length);
    }

    /// <summary>T² of about as many rows as columns would miss most: as many are learned from as it needs.</summary>
    [Fact]
    public async Task Of_many_columns_more_rows_are_learned_from_and_few_are_named()
    {
        var (file, random) = (_folder.File("wide.csv"), new RandomStream(8, "wide"));
        await File.WriteAllLinesAsync(file, [string.Join(',', Enumerable.Range(0, 100).Select(static c => $"c{c}")),
            .. Enumerable.Range(0, 1000).Select(_ => string.Join(',', Enumerable.Range(0, 100).Select(_ =>
                random.NextGaussian().ToString("0.000", CultureInfo.InvariantCulture))))], TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file);
        var few = await ToolRun.RunAsync("watch", "--csv", file, "--learn", "399");

        Assert.Contains("of c0, c1, c2, c3 and 96 more: the first 400 rows are the baseline", run.Error, StringComparison.Ordinal);
        Assert.Equal(65, few.ExitCode);
        Assert.Contains("of 100 columns learns from 400 rows at least", few.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trees_find_rows_far_from_all_others_at_the_rate_that_they_have_by_default()
    {
        var (file, random) = (_folder.File("far.csv"), new RandomStream(9, "far"));
        await File.WriteAllLinesAsync(file, ["a,b,c,d", .. Enumerable.Range(0, 12_000).Select(i => string.Join(',', Enumerable.Range(0, 4)
            .Select(_ => ((i is >= 8000 and < 8050 ? 1000 : 0) + random.NextGaussian()).ToString("0.000", CultureInfo.InvariantCulture))))],
            TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file, "--rule", "trees");

        Assert.Contains("one false alarm in 1,000 rows", run.Error, StringComparison.Ordinal);
        Assert.Contains("8001 to 8050: 50 alerts", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200000", "--learn", "1000")]
    [InlineData("2000", "--learn", "1000", "--false-alarms", "0.01")]
    [InlineData(null, "--learn", "1000", "--false-alarms", "0.02")]
    [InlineData(null, "--learn", "1000", "--threshold", "50")]
    [InlineData("200000", "--usual", "ROWS")]
    public async Task That_too_few_rows_set_the_threshold_is_said_once_with_how_many_would_do(string? needed, params string[] words)
    {
        var rows = Write("rows.csv", 2000, seed: 10);

        var run = await ToolRun.RunAsync(["watch", "--csv", rows, .. words.Select(w => w == "ROWS" ? rows : w)]);

        Assert.Equal(needed is null ? 0 : 1, run.Error.Split("too few normal rows").Length - 1);
        if (needed is not null) { Assert.Contains($"--usual or --learn with {needed} rows", run.Error, StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(0, false)]
    public async Task Rows_that_have_moved_on_are_said_to_be_no_longer_like_those_before(int moved, bool isSaid)
    {
        var (file, random) = (_folder.File("loads.csv"), new RandomStream(6, "loads"));
        await File.WriteAllLinesAsync(file, ["load", .. Enumerable.Range(0, 4000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{random.NextGaussian() + (i > 2000 ? moved : 0):0.000}"))],
            TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file);

        Assert.Equal(isSaid, run.Error.Contains("the baseline is out of date", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_without_a_time_have_numbers_and_devices_learn_from_their_own_rows()
    {
        var file = _folder.File("machines.csv");
        var random = new RandomStream(4, "machines");
        var lines = Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{(i % 2 == 0 ? "a" : "b")},{(i % 2 == 0 ? 0 : 100) + random.NextGaussian() + (i is > 1800 and < 1820 ? 50 : 0):0.000}"));
        await File.WriteAllLinesAsync(file, ["machine,load", .. lines], TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file);

        var rows = run.Output.TrimEnd().Split('\n');
        Assert.Equal("device,row,score,alert,channel", rows[0]);
        Assert.Equal("a,251", string.Join(',', rows[1].Split(',')[..2]));
        Assert.Contains("a:\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Error.Split("1 episode of 3 or more").Length - 1);
        Assert.Contains("901 to 910", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Files of the same times are of devices side by side; files of one time after the other are of one device.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1000, false)]
    public async Task Files_with_rows_of_the_same_times_are_devices_of_their_own(int later, bool areDevices)
    {
        foreach (var (name, level, from) in new[] { ("a", 0, 0), ("b", 100, later) })
        {
            var random = new RandomStream(16, name);
            await File.WriteAllLinesAsync(_folder.File($"{name}.csv"), ["time,load", .. Enumerable.Range(0, 1000).Select(i => string.Create(
                CultureInfo.InvariantCulture, $"{1_767_225_600 + from + i},{level + random.NextGaussian():0.000}"))],
                TestContext.Current.CancellationToken);
        }

        var run = await ToolRun.RunAsync("watch", "--csv", _folder.File("?.csv"));

        Assert.Equal(areDevices, run.Output.StartsWith("device,time,", StringComparison.Ordinal));
        Assert.Equal(areDevices ? 0 : 1, run.Error.Split(", 1 episode of").Length - 1);
        Assert.Contains(areDevices ? "2 files have rows of the same times: each is treated as a device"
            : "2 files are treated as one device", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "expected one of --csv, --arrow, --command")]
    [InlineData(2, "--channels: expected the columns to watch", "--command", "true")]
    [InlineData(2, "--to: leave it out", "--csv", "ROWS", "--to", "mqtt://host/alert")]
    [InlineData(2, "--to: expected a topic other than that of the rows",
        "--mqtt", "mqtt://h/a", "--channels", "a", "--to", "mqtt://h:1883/a")]
    [InlineData(2, "--learn: leave it out with --usual", "--csv", "ROWS", "--learn", "50", "--usual", "ROWS")]
    [InlineData(2, "--false-alarms: leave it out with --threshold", "--csv", "ROWS", "--false-alarms", "0.1", "--threshold", "3")]
    [InlineData(2, "--device: leave it out with live rows", "--command", "true", "--channels", "a", "--device", "x")]
    [InlineData(2, "--channels: expected 1 for this rule, got 2", "--csv", "ROWS", "--rule", "profile", "--learn", "4064")]
    [InlineData(2, "--out: expected a file of scores named .csv", "--csv", "ROWS", "--out", "x.txt")]
    [InlineData(65, "learns from 200 rows at least", "--csv", "ROWS", "--rule", "window", "--learn", "100")]
    [InlineData(65, "the first 6000 would be the baseline, --learn sets their number", "--csv", "ROWS", "--learn", "6000")]
    [InlineData(65, "--usual: ", "--csv", "ROWS", "--usual", "absent.csv")]
    [InlineData(65, "has a value of temperature, vibration", "--csv", "ROWS", "--usual", "OTHERS")]
    public async Task What_does_not_go_together_is_said_in_a_line(int exitCode, string reason, params string[] words)
    {
        var (rows, others) = (Write("rows.csv", 5000, seed: 5), _folder.File("others.csv"));
        await File.WriteAllLinesAsync(others, ["time,speed", "1,2", "2,3", "3,1"], TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync(["watch", .. words.Select(w => w == "ROWS" ? rows : w == "OTHERS" ? others : w)])
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);      // what is not refused may never end

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData(0, "", "--csv", "ROWS", "--channels", "temperature [Cel]")]
    [InlineData(0, "rows get their time of arrival", "--command", "cat ROWS", "--channels", "temperature")]
    [InlineData(65, "expected the columns speed, vibration; got time, temperature [Cel], vibration [m/s2]",
        "--command", "cat ROWS", "--channels", "speed,vibration")]
    [InlineData(65, "no row could be read", "--command", "true", "--channels", "a")]
    public async Task Columns_are_found_with_and_without_their_unit_and_a_head_without_them_is_said(
        int exitCode, string said, params string[] words)
    {
        var rows = Write("rows.csv", 200, seed: 11);

        var run = await ToolRun.RunAsync(["watch", .. words.Select(w => w.Replace("ROWS", rows, StringComparison.Ordinal))]);

        Assert.True(exitCode == run.ExitCode, $"{run.ExitCode}\n{run.Error}");
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_whose_offset_leaves_few_bits_for_its_changes_is_named()
    {
        var rows = _folder.File("rows.csv");
        await File.WriteAllLinesAsync(rows, ["time_s,pressure,flow", .. Enumerable.Range(0, 500).Select(static r =>
            FormattableString.Invariant($"{r},{1e6 + (0.1 * (r % 7))},{1 + (0.1 * (r % 5))}"))], TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", rows, "--learn", "200");

        Assert.Contains("pressure changes little compared with its size", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("flow changes little", run.Error, StringComparison.Ordinal);
    }

    /// <summary>A quote that is not closed, in the lines before, does not hide the header.</summary>
    [Theory]
    [InlineData("", "", "look")]
    [InlineData("made by \"5\n\n", "noted     2 lines before the header skipped", "look")]
    [InlineData("made,\"5\n\n", "noted     2 lines before the header skipped", "look")]
    [InlineData("", "of inlet temperature, vibration", "watch", "--channels", "inlet temperature,vibration")]
    [InlineData("", "'the state'", "fit", "--label", "the state", "--model", "linear", "--device", "none", "--out", "FOLDER")]
    public async Task A_quoted_name_with_a_line_end_names_its_column(string before, string said, params string[] words)
    {
        var (file, random) = (_folder.File("quoted.csv"), new RandomStream(15, "quoted"));
        await File.WriteAllTextAsync(file, before + "\"inlet\ntemperature [Cel]\",vibration,\"the\r\nstate\"\n"
            + string.Join('\n', Enumerable.Range(0, 1200).Select(i => string.Create(CultureInfo.InvariantCulture,
                $"{60 + random.NextGaussian():0.000},{random.NextGaussian() + (i / 60 % 2 * 3):0.000},")
                + (i / 60 % 2 == 0 ? "on" : "off"))),
            TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync([words[0], "--csv", file, .. words[1..].Select(w => w == "FOLDER" ? _folder.File("out") : w),
            .. words[0] == "watch" ? Array.Empty<string>() : ["--rate", "10"]]);

        var text = run.Output + run.Error;
        Assert.Contains(said, text, StringComparison.Ordinal);
        Assert.DoesNotContain("MISSING", words[0] == "look" ? "" : text, StringComparison.Ordinal);
        if (words[0] == "look") { Assert.Contains("inlet temperature [Cel], vibration", text, StringComparison.Ordinal); }
    }

    [Fact]
    public async Task A_clock_that_goes_back_and_hours_without_rows_are_said_with_counts()
    {
        var lines = await File.ReadAllLinesAsync(Write("rows.csv", 3 * Hour, seed: 13), TestContext.Current.CancellationToken);
        var (file, live) = (_folder.File("jumps.csv"), _folder.File("live.csv"));
        string[] jumps = [lines[0], .. lines[5000..6000], .. lines[1..2000], .. lines[9300..9400], .. lines[4000..4100]];
        await File.WriteAllLinesAsync(file, jumps, TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file);
        var measured = await ToolRun.RunAsync(
            ["watch", "--command", $"cat {file}", "--time", "time:iso8601", "--channels", "temperature [Cel],vibration [m/s2]"]);

        foreach (var error in new[] { run.Error, measured.Error })
        {
            Assert.Contains("the time went back 2 times, by 1.7 hours at most", error, StringComparison.Ordinal);
            Assert.Contains("rows were missing once, for 2 hours at most", error, StringComparison.Ordinal);
        }

        Assert.Contains("the time decreases by 1.7 hours, to 2026-03-01T00:00:00.000Z", measured.Error, StringComparison.Ordinal);
        Assert.Contains("no row for 2 hours, until 2026-03-01T02:34:59.000Z", measured.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t2", 1_000_000)]
    [InlineData("ewma", 1000)]
    [InlineData("centers", 1000)]
    public async Task The_score_of_a_column_that_had_one_value_is_bounded_and_words_say_so(string rule, float most)
    {
        var (file, random) = (_folder.File("alike.csv"), new RandomStream(14, "alike"));
        await File.WriteAllLinesAsync(file, ["load,valve", .. Enumerable.Range(0, 4000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{random.NextGaussian():0.000},{(i == 3000 ? 1e6 : 7)}"))],
            TestContext.Current.CancellationToken);

        var run = await ToolRun.RunAsync("watch", "--csv", file, "--rule", rule);

        Assert.Contains("valve had one value in the whole baseline", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("load had one value", run.Error, StringComparison.Ordinal);
        var row = run.Output.Split('\n').Single(static l => l.StartsWith("3001,", StringComparison.Ordinal)).Split(',');
        Assert.Equal(("1", "valve"), (row[2], row[3]));
        Assert.InRange(float.Parse(row[1], CultureInfo.InvariantCulture), 0.9f * most, 1.01f * most);
    }

    /// <summary>A disk that fills up while scores are written.</summary>
    [Fact]
    public void A_disk_that_is_full_in_the_middle_ends_with_the_code_of_what_cannot_be_written()
    {
        var look = new TableOptions { Csv = Write("rows.csv", 5000, seed: 12) };
        using var scores = new ScoreFile(new(new FullStream(20_000)), "scores.csv");

        var failed = Assert.Throws<ProgramException>(() => WatchFiles.Run(look, new(), null, scores, TextWriter.Null));

        Assert.Equal((73, "cannot write scores.csv: no space left"), (failed.ExitCode, failed.Message));
    }

    private sealed class FullStream(int room) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > room) { throw new IOException("no space left"); }
            base.Write(buffer, offset, count);
        }
    }

    /// <summary>As a person starts it: lines of a program are watched, and the episode is published.</summary>
    [Fact]
    public async Task Rows_that_are_measured_give_a_line_for_the_begin_and_the_end_of_an_episode()
    {
        await using var server = await Mosquitto.StartAsync();
        var rows = Write("rows.csv", 3000, seed: 6, faultAt: 2000);
        var topic = $"{server.Uri.ToString().TrimEnd('/')}/alerts";
        await using var listening = EdgeServer.OpenSource(server.Uri, null, TimeSpan.FromMinutes(1), null);
        await using var heard = await Heard.StartAsync(listening, "alerts");

        var run = await ToolRun.RunAsync(
            ["watch", "--command", $"cat {rows}", "--time", "time:iso8601", "--channels", "temperature [Cel],vibration [m/s2]",
                "--to", topic, "--as", "p-7"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("learned the baseline", run.Error, StringComparison.Ordinal);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal(["event,since,time,score,channel,alerts", "begin", "end"],
            [lines[0], .. lines.Skip(1).Select(static l => l.Split(',')[0])]);
        Assert.StartsWith("begin,2026-03-01T00:33:20.000Z,2026-03-01T00:33:22.000Z,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",vibration,3", lines[1], StringComparison.Ordinal);
        await heard.UntilAsync(2);
        Assert.Equal([("p-7/2026-03-01T00:33:20.0000000Z", false), ("p-7/2026-03-01T00:33:20.0000000Z", true)],
            heard.Read(AnomalyAlert.Json).Select(static a => (a.Id, a.IsOver)));
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("take")]
    public async Task A_row_that_the_server_has_retained_is_no_alert_of_now_unless_it_is_asked_for(string retained)
    {
        await using var server = await Mosquitto.StartAsync();
        await using var pump = EdgeServer.OpenSource(server.Uri, null, TimeSpan.FromMinutes(1), null);
        Task PublishAsync(string time) => pump.PublishAsync("rows", new(Encoding.UTF8.GetBytes(
            $$"""{"time":"{{time}}","temperature":95.5,"vibration":9.75}""")), new() { Retain = true }, default).AsTask();
        await PublishAsync("2026-03-01T12:00:00Z");

        using var over = new CancellationTokenSource();
        var publishing = Task.CompletedTask;

        var run = await ProgramProcess.RunAsync([], (process, line) =>
        {
            if (line.StartsWith("begin", StringComparison.Ordinal)) { Assert.Equal(0, OwnCommandTests.Interrupt(process)); }
            else if (retained == "skip") { publishing = PublishUntilAsync(); }
            return Task.CompletedTask;
        }, "watch", "--mqtt", $"{server.Uri}rows", "--time", "time:iso8601", "--usual", Write("usual.csv", 600, seed: 6),
            "--min-alerts", "1", "--retained", retained);
        await over.CancelAsync();
        await publishing;

        Assert.Equal(130, run.ExitCode);
        Assert.Contains($"begin,2026-03-0{(retained == "take" ? 1 : 2)}T12:00:00", run.Output, StringComparison.Ordinal);
        Assert.Equal(retained == "skip", run.Error.Contains("dropped as retained: 1\n", StringComparison.Ordinal));

        async Task PublishUntilAsync()
        {
            while (!over.IsCancellationRequested)
            {
                await PublishAsync("2026-03-02T12:00:00Z");         // retained as well, but it comes as it is published
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, default(CancellationToken));
            }
        }
    }

    /// <summary>A row a second: a temperature that drifts slowly, and a vibration that follows it. A fault of 30 s shakes.</summary>
    private string Write(string name, int rows, long seed, int faultAt = int.MaxValue)
    {
        var (random, file, wander) = (new RandomStream(seed, "pump"), _folder.File(name), 0.0);
        File.WriteAllLines(file, ["time,temperature [Cel],vibration [m/s2]", .. Enumerable.Range(0, rows).Select(i =>
        {
            wander = (0.95 * wander) + (0.1 * random.NextGaussian());
            var (temperature, vibration) = (60 + wander, 2 + (0.5 * wander) + (0.2 * random.NextGaussian()));
            if (i >= faultAt && i < faultAt + 30) { vibration += 3; }
            var time = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i);
            return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ssZ},{temperature:0.000},{vibration:0.000}");
        })]);
        return file;
    }
}
