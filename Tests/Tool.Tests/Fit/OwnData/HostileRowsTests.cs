using System.Diagnostics;
using System.IO.Compression;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class HostileRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--alone")]
    [InlineData("--fleet", "--mode", "async", "--seconds", "20")]
    public async Task Devices_and_classes_may_have_any_names(params string[] way)
    {
        var file = _folder.File("rows.csv");
        GeneratedRows.Of(people: 5, seed: 9, seconds: 120).Write(file);
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        foreach (var (from, to) in new[]
        {
            ("u500", "valve 1"), ("u501", "Größe"), ("u502", "aggregator"), ("u503", "a\u001b[31mb"), ("u504", "valve-1"),
            ("walk", "w\u001b[2Jk"),
        })
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

        var look = await ToolRun.RunAsync("look", "--csv", file);
        var run = await ToolRun.RunAsync(["fit", "--csv", file, "--label", "activity", "--model", "linear", "--unseen", "valve 1",
            .. way, "--out", _folder.File("out")]);
        var answers = await ToolRun.RunAsync("answer", _folder.File("out/model.safetensors"), "--csv", file);

        Assert.Equal((0, 0, 0), (look.ExitCode, run.ExitCode, answers.ExitCode));
        Assert.Contains("judged on valve-1", run.Output, StringComparison.Ordinal);
        Assert.Contains("'Größe' Gr--e", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', look.Output + run.Output + answers.Output + run.Error + answers.Error);
    }

    /// <summary>Half as many rows a second are resampled; times that run backward are not answered.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Rows_of_another_rate_are_answered_and_those_that_run_backward_are_not(int fault)
    {
        var (file, model) = await LearnAsync();
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        IEnumerable<string> rows = fault == 0 ? lines.Skip(1).Where((_, i) => i % 2 == 0) : lines.Skip(1).Reverse();
        await File.WriteAllLinesAsync(file, [lines[0], .. rows], TestContext.Current.CancellationToken);

        var answers = await ToolRun.RunAsync("answer", model, "--csv", file);

        Assert.Equal(fault == 1 ? 65 : 0, answers.ExitCode);
        Assert.Equal(fault == 1, !answers.Output.Split('\n')[1..].Any(static line => line.Length > 0));
        Assert.Contains(fault == 1 ? "does not rise" : "are resampled from 25 rows a second to the model's 50", answers.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_that_are_no_readings_teach_nothing_and_get_no_answer()
    {
        var file = _folder.File("rows.csv");
        GeneratedRows.Of(people: 1, seed: 4, seconds: 200).Write(file);
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        for (var row = 1000; row < 1100; row++) { lines[row] = Huge(lines[row]); }
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        var learned = await ToolRun.RunAsync("fit", "--csv", file, "--label", "activity", "--alone", "--model", "linear", "--out",
            _folder.File("out"));
        await File.WriteAllLinesAsync(file, [lines[0], .. lines.Skip(1).Select(Huge)], TestContext.Current.CancellationToken);

        var answers = await ToolRun.RunAsync("answer", _folder.File("out/model.safetensors"), "--csv", file);

        Assert.Equal(0, learned.ExitCode);
        Assert.Contains("100 rows in longer gaps of missing values were left out", learned.Output, StringComparison.Ordinal);
        Assert.Equal(65, answers.ExitCode);
        Assert.DoesNotContain("NaN", answers.Output, StringComparison.Ordinal);
        Assert.Contains("because of missing values, or values too large", answers.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stray_quote_costs_its_line_and_control_characters_never_reach_a_log()
    {
        var (file, model) = await LearnAsync();
        var whole = await ToolRun.RunAsync("answer", model, "--csv", file);
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        lines[500] = "u500,\"\u001b[2J";
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);

        var answers = await ToolRun.RunAsync("answer", model, "--csv", file);

        Assert.InRange(Lines(answers.Output), Lines(whole.Output) - 2, Lines(whole.Output));
        Assert.Contains("too long", answers.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', answers.Error);
        Assert.InRange(answers.Error.Length, 1, 500);
    }

    [Fact]
    public async Task What_cannot_be_followed_is_refused_at_once()
    {
        var (file, model) = await LearnAsync();
        await using (var packed = new GZipStream(File.Create($"{file}.gz"), CompressionLevel.Fastest))
        {
            await packed.WriteAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken),
                TestContext.Current.CancellationToken);
        }

        var pattern = await ToolRun.RunAsync("answer", model, "--csv", _folder.File("*.csv"), "--follow");
        var compressed = await ToolRun.RunAsync("answer", model, "--csv", $"{file}.gz", "--follow");

        Assert.Equal((2, 65), (pattern.ExitCode, compressed.ExitCode));
        Assert.Contains("expected one file", pattern.Error, StringComparison.Ordinal);
        Assert.Contains("expected an uncompressed UTF-8 file", compressed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("look", "--csv", "it")]
    [InlineData("look", "--arrow", "it")]
    [InlineData("fit", "--csv", "it", "--label", "activity")]
    [InlineData("answer", "model.safetensors", "--csv", "it")]
    [InlineData("answer", "model.safetensors", "--csv", "it", "--follow")]
    public async Task A_pipe_is_refused_in_a_line_whatever_is_done_with_it(params string[] words)
    {
        using (var made = Process.Start("mkfifo", [_folder.File("it")])) { await made.WaitForExitAsync(); }
        if (words[0] == "answer") { File.Copy((await LearnAsync()).Model, _folder.File("model.safetensors")); }

        var refused = await ToolRun.RunAsync(
            [words[0], .. words[1..].Select(w => w[0] == '-' || w == "activity" ? w : _folder.File(w))]);

        Assert.Equal(65, refused.ExitCode);
        Assert.Contains("expected a regular file, which can be read twice, got a pipe: write its rows to a file first", refused.Error,
            StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("time_ms,x,,label,\n0,1.5,,a,\n20,2.5,,b,\n", 0, "2 columns without a name")]
    [InlineData("time_ms,x,x,label\n0,1,1,a\n20,2,2,b\n", 65, "two columns are named 'x'")]
    public async Task A_look_says_what_is_wrong_with_a_head(string text, int exitCode, string expected)
    {
        var file = _folder.File("rows.csv");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

        var look = await ToolRun.RunAsync("look", "--csv", file);

        Assert.Equal(exitCode, look.ExitCode);
        Assert.Contains(expected, look.Output + look.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_stay_different_and_are_those_of_pipelines()
    {
        Assert.Equal(["p1", "valve-1", "valve-1-2", "device", "aggregator-2", "x.y_z-0"],
            Printable.Names(["p1", "valve 1", "valve#1", "...", "aggregator", "x.y_z-0"]));
        Assert.Equal(["a·", "a·-2", "Ü"], Printable.Distinct(["a\u0007", "a\u202e", "Ü"]));
        Assert.InRange(Printable.Names([new('x', 200)])[0].Length, 1, 40);
    }

    private async Task<(string File, string Model)> LearnAsync()
    {
        var file = _folder.File("rows.csv");
        GeneratedRows.Of(people: 1, seed: 4, seconds: 200).Write(file);
        await ToolRun.RunAsync("fit", "--csv", file, "--label", "activity", "--alone", "--model", "linear", "--out",
            _folder.File("out"));
        return (file, _folder.File("out/model.safetensors"));
    }

    private static int Lines(string text) => text.Count(static c => c == '\n');

    private static string Huge(string line)
    {
        var values = line.Split(',');
        for (var c = 2; c < values.Length - 1; c++) { values[c] = 3e38.ToString(CultureInfo.InvariantCulture); }
        return string.Join(',', values);
    }
}
