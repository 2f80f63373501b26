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
