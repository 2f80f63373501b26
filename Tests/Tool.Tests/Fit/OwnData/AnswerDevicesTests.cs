using StreamLearn.Arrow;

namespace Tool.Tests;

public sealed class AnswerDevicesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_of_devices_by_turns_are_answered_as_those_of_each_alone()
    {
        var table = _folder.File("all.csv");
        GeneratedRows.Of(people: 3, seed: 9, seconds: 80).Write(table);
        var lines = await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken);
        var (names, rows) = (lines[0].Split(','), lines[1..].Select(static l => l.Split(',')).ToList());
        var (device, time) = (Array.IndexOf(names, "device"), Array.IndexOf(names, "time_us"));
        var channel = Array.FindIndex(names, static n => n.Contains('['));
        foreach (var row in rows.Where(static (_, i) => i % 100 == 50)) { row[channel] = ""; }
        var fit = await ToolRun.RunAsync("fit", "--csv", table, "--label", "activity", "--alone", "--model", "linear", "--out",
            _folder.File("out"));
        List<string> alone = [];
        foreach (var one in rows.GroupBy(r => r[device]))
        {
            await WriteAsync($"one-{one.Key}.csv", one);
            alone.AddRange((await AnswersAsync($"one-{one.Key}.csv")).Skip(1));
        }

        await WriteAsync("turns.csv", rows.OrderBy(r => long.Parse(r[time], CultureInfo.InvariantCulture)));
        var byTurns = await AnswersAsync("turns.csv", "--out", _folder.File("turns.arrow"));
        var byFile = await AnswersAsync("one-{who}.csv");

        Assert.Equal(0, fit.ExitCode);
        Assert.True(alone.Count > 50, $"{alone.Count} answers");
        Assert.Equal("device,time,class,confidence", byTurns[0]);
        Assert.Equal(alone.Order(), byTurns[1..].Order());
        Assert.Equal(byTurns.Order(), byFile.Order());
        using var arrow = new ArrowBatches(_folder.File("turns.arrow"));
        Assert.Equal("device utf8", $"{arrow.Schema.FieldsList[0].Name} {arrow.Schema.FieldsList[0].TypeText()}");

        Task WriteAsync(string name, IEnumerable<string[]> some) => File.WriteAllLinesAsync(_folder.File(name),
            [string.Join(',', names), .. some.Select(static r => string.Join(',', r))], TestContext.Current.CancellationToken);
    }

    /// <summary>A device at 4 Hz has no window beside those at 50 Hz: each of its rows is a recording.</summary>
    [Fact]
    public async Task Files_are_devices_where_the_model_learned_so_and_one_without_windows_does_not_decide_their_length()
    {
        var table = _folder.File("all.csv");
        GeneratedRows.Of(people: 3, seed: 9, seconds: 80).Write(table);
        var lines = await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken);
        var device = Array.IndexOf(lines[0].Split(','), "device");
        foreach (var one in lines.GroupBy(l => l.Split(',')[device]))
        {
            await WriteAsync($"a-{one.Key}.csv", one);
            if (one.Key != "device") { await WriteAsync($"b-{one.Key}.csv", one); }
        }

        File.Delete(_folder.File("a-device.csv"));
        await WriteAsync("b-slow.csv", lines[1..].GroupBy(l => l.Split(',')[device]).First().Where(static (_, i) => i % 12 == 0));
        var fit = await FitAsync("a-*.csv", "out");
        var beside = await FitAsync("b-*.csv", "beside");

        var (answers, asOne) = (await LinesAsync(), await LinesAsync("--device", "none"));

        Assert.Equal(("device,time,class,confidence", "time,class,confidence"), (answers[0], asOne[0]));
        Assert.Equal(3, answers[1..].Select(static a => a.Split(',')[0]).Distinct().Count());
        Assert.Contains("windows of 128 rows", fit.Output, StringComparison.Ordinal);
        Assert.Contains("windows of 128 rows", beside.Output, StringComparison.Ordinal);

        async Task<string[]> LinesAsync(params string[] more) => (await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"),
            "--csv", _folder.File("a-*.csv"), .. more])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Task WriteAsync(string name, IEnumerable<string> rows) => File.WriteAllLinesAsync(_folder.File(name),
            [.. rows.Prepend(lines[0]).Distinct().Select(l => string.Join(',', l.Split(',').Where((_, i) => i != device)))],
            TestContext.Current.CancellationToken);

        Task<ProgramProcess> FitAsync(string files, string to) => ToolRun.RunAsync("fit", "--csv", _folder.File(files), "--label",
            "activity", "--alone", "--model", "linear", "--out", _folder.File(to));
    }

    [Fact]
    public async Task Devices_that_come_later_are_answered_by_themselves()
    {
        var (table, growing) = (_folder.File("all.csv"), _folder.File("live.csv"));
        GeneratedRows.Of(people: 2, seed: 4, seconds: 80).Write(table);
        var lines = await File.ReadAllLinesAsync(table, TestContext.Current.CancellationToken);
        var (early, late) = (lines[1..].Where(static l => l.Contains("u500", StringComparison.Ordinal)).ToList(),
            lines[1..].Where(static l => l.Contains("u501", StringComparison.Ordinal)).ToList());
        await ToolRun.RunAsync("fit", "--csv", table, "--label", "activity", "--alone", "--model", "linear", "--out",
            _folder.File("out"));
        await File.WriteAllLinesAsync(growing, [lines[0], .. early[..400]], TestContext.Current.CancellationToken);
        var answers = new Dictionary<string, int>();

        var run = await ProgramProcess.RunAsync([], async (process, line) =>
        {
            var of = line.Split(',')[0];
            var count = answers[of] = answers.GetValueOrDefault(of) + 1;
            if ((of, count) == ("u500", 1))
            {
                await File.AppendAllLinesAsync(growing, late[..600].Zip(early[400..1000], static (a, b) => new[] { a, b })
                    .SelectMany(static rows => rows), TestContext.Current.CancellationToken);
            }

            if ((of, count) == ("u501", 6)) { Assert.Equal(0, OwnCommandTests.Interrupt(process)); }
        }, "answer", _folder.File("out/model.safetensors"), "--csv", growing, "--follow");

        Assert.Equal(130, run.ExitCode);
        Assert.True(answers["u500"] > 4 && answers["device"] == 1, run.Output);
        Assert.DoesNotContain("unknown", run.Error, StringComparison.Ordinal);
    }

    private async Task<string[]> AnswersAsync(string rows, params string[] more)
    {
        string[] words = ["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File(rows)];
        var printed = await ToolRun.RunAsync(words);
        Assert.True(printed.ExitCode == 0, printed.Error);
        Assert.Contains("rows with missing values were filled in", printed.Error, StringComparison.Ordinal);
        if (more.Length > 0) { Assert.Equal(0, (await ToolRun.RunAsync([.. words, .. more])).ExitCode); }
        return printed.Output.TrimEnd().Split('\n');
    }
}
