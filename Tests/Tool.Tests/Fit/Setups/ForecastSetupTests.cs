using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class ForecastSetupTests(ITestOutputHelper output)
{
    private const double Margin = 1.02;

    /// <summary>Beside ridge regression at every row that knows hour and weekday, and what needs no model.</summary>
    [LongFact]
    public async Task Forecasts_are_at_most_a_fiftieth_further_off_than_ridge_regression_at_every_row_the_value_of_now_and_the_mean()
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        var isAll = Environment.GetEnvironmentVariable("STREAMLEARN_SETS") == "all";
        List<string> worse = [];
        foreach (var setup in Setups.All.Where(s => s.Kind == SetupKind.Forecast && (isAll || !s.IsFinal)))
        {
            using var folder = new TemporaryFolder();
            if (!setup.Write(folder.File("series.csv"))) { continue; }
            var (started, model) = (TimeProvider.System.GetTimestamp(), folder.File("out/model.safetensors"));
            var run = await ToolRun.RunAsync(["fit", "--csv", folder.File("series.csv"), .. setup.Words, "--out", folder.File("out")]);
            Assert.True(run.ExitCode == 0, run.Error);
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            using var result = JsonDocument.Parse(
                await File.ReadAllTextAsync(folder.File("out/result.json"), TestContext.Current.CancellationToken));
            var ours = result.RootElement.GetProperty("mean_absolute_error").GetDouble();
            var peer = (await SetsPeer.LearnAsync("forecast", folder, $"{Table.Load(model).WindowRows}", setup.Words[^1])).Single();
            var each = peer.GetProperty("windows").GetDouble() / WindowModelFile.Read(model).Preparation.HopRows;     // the peer has all
            Assert.InRange(result.RootElement.GetProperty("test_rows").GetDouble(), Math.Floor(0.99 * each), Math.Ceiling(each));
            double Of(string name) => peer.GetProperty(name).GetDouble();
            var least = new[] { "ridge", "now", "mean" }.Min(Of);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{setup.Name,-14} ours {ours:G4}, ridge {Of("ridge"):G4}, ")
                + string.Create(CultureInfo.InvariantCulture, $"now {Of("now"):G4}, mean {Of("mean"):G4}, a day before {Of("naive"):G4}; ")
                + string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s; {result.RootElement.GetProperty("choice")}"));
            if (ours > Margin * least) { worse.Add($"{setup.Name}: {ours / least:0.000}"); }
        }

        Assert.Empty(worse);
    }
}
