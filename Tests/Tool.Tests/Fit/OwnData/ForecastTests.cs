using System.Globalization;
using System.Text.Json;
using Quickstart.Tests;
using StreamLearn;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>Classes of later, which are those that come after the last row of a window, beside the class of now.</summary>
public sealed class ForecastTests : IDisposable
{
    private const int Rows = 1500;
    private const int Ahead = 40;           // rows, 0.8 s
    private const int WindowRows = 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>x goes before the state by as much as is looked ahead, so that only its last row says what follows a change.</summary>
    [Theory]
    [InlineData("--alone")]
    [InlineData("--mode", "async", "--seconds", "20")]
    public async Task All_windows_count_those_in_which_the_later_class_changes_too_and_the_class_of_now_is_judged_beside(
        params string[] options)
    {
        var states = Enumerable.Range(0, 5).Select(device => Write(device, leads: true)).ToList();

        var (text, result) = await FitAsync(options);

        Assert.DoesNotContain("change within them", text, StringComparison.Ordinal);
        int[] last = [.. Enumerable.Range(0, Rows).Where(static r => r % (WindowRows / 2) == (WindowRows / 2) - 1 && r >= WindowRows - 1)
            .Where(static r => r + Ahead < Rows)];
        Assert.Equal(last.Length, result.GetProperty("test_rows").GetInt32());
        var now = last.Count(r => states[4][r] == states[4][r + Ahead]) / (double)last.Length;
        Assert.Equal(now, result.GetProperty("accuracy_of_now").GetDouble(), 1e-9);
        Assert.InRange(result.GetProperty("accuracy").GetDouble(), now + 0.2, 1);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"the class of now would be right for {now:0.000}"), text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("the forecast does not help", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forecast_that_is_right_no_more_often_than_the_class_of_now_is_said_not_to_help()
    {
        for (var device = 0; device < 5; device++) { Write(device, leads: false); }

        var (text, _) = await FitAsync("--alone", "--ahead", "0.02");

        Assert.Contains("the forecast does not help", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forecast_beyond_the_end_of_all_recordings_is_refused()
    {
        for (var device = 0; device < 2; device++) { Write(device, leads: true); }

        var run = await ToolRun.RunAsync("fit", "--csv", _folder.File("d*.csv"), "--label", "state", "--device", "file", "--ahead", "3600");

        Assert.Equal(65, run.ExitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture,
            $"--ahead: the longest recording lasts {Rows / 50.0:0.###} s, no row has one 3600 s after it"),
            run.Error, StringComparison.Ordinal);
    }

    private async Task<(string Text, JsonElement Result)> FitAsync(params string[] options)
    {
        string[] ahead = options.Contains("--ahead") ? [] : ["--ahead", "0.8"];
        var run = await ProgramProcess.RunAsync(["fit", "--csv", _folder.File("d*.csv"), "--label", "state", "--device", "file",
            "--window", "0.4", "--model", "linear", "--unseen", "d4", "--out", _folder.File("out"), .. ahead, .. options]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        using var result = JsonDocument.Parse(
            await File.ReadAllTextAsync(_folder.File("out/result.json"), TestContext.Current.CancellationToken));
        return (run.Output, result.RootElement.Clone());
    }

    /// <summary>States that last 30 to 90 rows at 50 Hz, and a channel that goes before them, or says nothing.</summary>
    private int[] Write(int device, bool leads)
    {
        var random = new RandomStream(device, "states");
        List<int> states = [];
        while (states.Count < Rows + Ahead) { states.AddRange(Enumerable.Repeat(states is [.., 0] ? 1 : 0, 30 + random.NextInt32(60))); }
        File.WriteAllLines(_folder.File($"d{device}.csv"), ["t_ms,x,state", .. Enumerable.Range(0, Rows).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row * 20},{(leads ? 2 * states[row + Ahead] : 0) + (0.3 * random.NextGaussian()):0.000},"
                + $"{(states[row] == 0 ? "low" : "high")}"))]);
        return [.. states.Take(Rows)];
    }
}
