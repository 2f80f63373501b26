using System.IO.Compression;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class ForecastTests(ITestOutputHelper output) : IDisposable
{
    private const double Margin = 1.02;
    private const int Window = 48;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What is learned by name, answers, with what comes before the network, in each program that a model is for.</summary>
    [Theory]
    [InlineData("walk", 4)]
    [InlineData("season", 4)]
    public async Task Lags_are_no_further_off_than_ridge_regression_or_the_value_of_now_and_answer_as_they_were_judged(
        string series, int ahead)
    {
        await WriteAsync(series);
        var (model, error, now) = await FitAsync(Window, ahead, "lags");
        Assert.Equal("lags", model);
        Assert.InRange(error, 0, Margin * now);
        if (SetsPeer.Missing is null) { Assert.InRange(error, 0, Margin * await RidgeAsync(Window, ahead)); }

        var rows = (await File.ReadAllLinesAsync(_folder.File("series.csv"), Cancellation))
            .Where(static line => line.Contains(",d4,", StringComparison.Ordinal)).Select(static line => line.Split(',')).ToList();
        await File.WriteAllLinesAsync(
            _folder.File("d4.txt"), ["time,value", .. rows.Select(static row => $"{row[0]},{row[2]}")], Cancellation);
        var answer = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("d4.txt")]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        var errors = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Index()
            .Select(line => (Answer: Number(line.Item.Split(',')[1]), At: Window - 1 + line.Index + ahead))
            .Where(line => line.At < rows.Count).Select(line => Math.Abs(line.Answer - Number(rows[line.At][2]))).ToList();
        Assert.InRange(errors.Count, 3900, 4000);
        Assert.Equal(error, errors.Average(), 0.01 * error);
    }

    /// <summary>Noise has nothing to learn, and a walk is where it was.</summary>
    [Theory]
    [InlineData("walk", "the value of now")]
    [InlineData("noise", "the mean")]
    public async Task Auto_gives_the_value_of_now_or_the_mean_where_no_model_is_better(string series, string given)
    {
        string[] rows = [.. series == "walk" ? ValueRows.Walk(seed: 31, hours: 600) : ValueRows.Noise(seed: 4, hours: 2000)];
        await File.WriteAllLinesAsync(_folder.File("series.csv"), rows, Cancellation);
        var fit = await FitHoursAsync("auto");
        Assert.Contains(
            $"no model is 1 % better, so the answer is {given}", fit.GetProperty("choice").GetString(), StringComparison.Ordinal);

        var answers = await AnswersAsync();
        Assert.Equal(rows.Length - 64, answers.Count);
        var values = rows.Skip(1).ToDictionary(static row => Time(row.Split(',')[0]), static row => Number(row.Split(',')[2]));
        var mean = answers[0].Value;
        Assert.All(answers, a => Assert.Equal(series == "walk" ? values[a.Time] : mean, a.Value, 1e-3));
        Assert.InRange(fit.GetProperty("mean_absolute_error").GetDouble(), 0,
            1.001 * fit.GetProperty(series == "walk" ? "error_of_now" : "error_of_mean").GetDouble());
    }

    /// <summary>The fit takes hours and days from the times of the rows, not from those of their playback.</summary>
    [Fact]
    public async Task A_forecast_by_the_hour_answers_as_it_was_judged_and_is_not_exported_without_its_hours()
    {
        string[] rows = [.. ValueRows.Hours(seed: 51, days: 60, weekly: true)];
        await File.WriteAllLinesAsync(_folder.File("series.csv"), [.. rows[..500], .. rows[506..]], Cancellation);     // a gap of six hours
        var fit = await FitHoursAsync("lags");
        var (error, now) = (fit.GetProperty("mean_absolute_error").GetDouble(), fit.GetProperty("error_of_now").GetDouble());
        Assert.InRange(error, 28, 0.4 * now);

        var values = rows.Skip(1).ToDictionary(static row => Time(row.Split(',')[0]), static row => Number(row.Split(',')[2]));
        var errors = (await AnswersAsync()).TakeLast(1 + fit.GetProperty("test_rows").GetInt32()).SkipLast(1)
            .Average(a => Math.Abs(a.Value - values[a.Time.AddHours(1)]));
        Assert.Equal(error, errors, 1e-3 * error);
        var file = _folder.File("out/model.safetensors");
        foreach (var (option, name) in new[] { ("--c", "a.h"), ("--onnx", "a.onnx") })
        {
            var export = await ToolRun.RunAsync(["export", file, option, _folder.File(name)]);
            Assert.NotEqual(0, export.ExitCode);
            Assert.Contains("hours and days", export.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Of hives whose weight follows the wind of now, as before or the other way round in the last fifth of the time.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_forecast_for_several_devices_is_first_judged_on_later_times_of_the_same_ones(int turn)
    {
        await File.WriteAllLinesAsync(_folder.File("series.csv"), ["time,device,wind,value", .. "abcde".SelectMany(device =>
        {
            var (random, level) = (new RandomStream(device, "hives"), 50.0);
            return Enumerable.Range(0, 400).Select(hour =>
            {
                var (before, wind) = (level, random.NextGaussian());
                level += (hour < 320 ? wind : turn * wind) + (0.1 * random.NextGaussian());
                return FormattableString.Invariant(
                    $"{DateTime.UnixEpoch.AddYears(50).AddHours(hour):s},{device},{wind:0.0000},{before:0.0000}");
            });
        })], Cancellation);

        var run = await ToolRun.RunAsync(["fit", "--csv", _folder.File("series.csv"), "--target", "value", "--device", "device",
            "--ahead", "3600", "--window", "14400", "--model", "lags", "--out", _folder.File("out")]);

        Assert.True(run.ExitCode == 0, run.Error);
        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
        var (all, later) = (result.RootElement, result.RootElement.GetProperty("later"));
        Assert.InRange(all.GetProperty("mean_absolute_error").GetDouble(), 0, 0.9 * all.GetProperty("error_of_now").GetDouble());
        var ratio = later.GetProperty("mean_absolute_error").GetDouble() / later.GetProperty("error_of_now").GetDouble();
        Assert.InRange(ratio, 1 - (0.95 * turn), 1.2 - turn);
        Assert.Equal(4 * 79, later.GetProperty("test_rows").GetInt32());
        Assert.Equal(turn > 0 ? null : "use the value of now", later.GetProperty("advice").GetString());
        var said = "on later times of the same devices: mean absolute error [0-9.]+, value of now [0-9.]+"
            + (turn > 0 ? "" : ": use the value of now");
        Assert.Matches($"  later    {said}\n  model .*\nDone in [0-9.]+ s\\.  {said}; on unseen devices mean absolute error ", run.Output);
        Assert.Matches($"<h1>O{said[1..]}\\. Value is off by ", await File.ReadAllTextAsync(_folder.File("out/report.html"), Cancellation));
    }

    [Fact]
    public void Learned_targets_are_past_where_later_times_begin_of_each_device()
    {
        FitRows rows = new("", ["a", "b"], [], [], new([new("x", ColumnType.Float32, Unit.One)], 4, 1) { RowsPerSecond = 1 }, static _ => 0,
            static (_, _) => throw new NotSupportedException())
        {
            Ahead = TimeSpan.FromSeconds(3),
        };
        float[] targets = [.. Enumerable.Range(0, 100).Select(static i => (float)i)];
        FitWindows all = new(targets, new int[100], [.. targets.Select(static t => t < 50 ? 0 : 1)], ["a", "b"]) { Targets = targets };

        var (learning, judging) = FitSplit.Later(all, rows);

        Assert.Equal([.. targets[..37], .. targets[50..87]], learning.Targets);
        Assert.Equal([.. targets[40..50], .. targets[90..]], judging.Targets);
    }

    /// <summary>Whose rows are played at other times, so that hours are no inputs.</summary>
    [Fact]
    public async Task A_fleet_tries_lags_too()
    {
        await File.WriteAllLinesAsync(_folder.File("series.csv"), ["time,device,value", .. "abcde".SelectMany(static device =>
        {
            var (random, value) = (new RandomStream(device, "walk"), 0.0);
            return Enumerable.Range(0, 400).Select(hour => FormattableString.Invariant(
                $"{DateTime.UnixEpoch.AddYears(50).AddHours(hour):s},{device},{value = (0.9 * value) + random.NextGaussian():0.0000}"));
        })], Cancellation);

        var run = await ToolRun.RunAsync(["fit", "--csv", _folder.File("series.csv"), "--target", "value", "--device", "device",
            "--ahead", "3600", "--fleet", "--mode", "async", "--seconds", "20"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("  model    lags: mean absolute error ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("is an input of lags", run.Output, StringComparison.Ordinal);
    }

    [LongTheory]
    [InlineData("walk", 1)]
    [InlineData("walk", 4)]
    [InlineData("season", 4)]
    [InlineData("taxi", 1)]
    [InlineData("taxi", 4)]
    [InlineData("electricity", 1)]
    [InlineData("electricity", 4)]
    public async Task What_auto_takes_is_at_most_a_fiftieth_above_ridge_regression_on_raw_values_and_above_the_value_of_now(
        string series, int ahead)
    {
        await WriteAsync(series);
        var (model, error, now) = await FitAsync(Window, ahead, "auto");
        var raw = series is "walk" or "season" && SetsPeer.Missing is not null ? double.PositiveInfinity
            : await RidgeAsync(Window, ahead);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{series}, {ahead} rows ahead: {model} {error:0.####}, ridge regression {raw:0.####}, the value of now {now:0.####}"));

        Assert.InRange(error, 0, Margin * raw);
        Assert.InRange(error, 0, Margin * now);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<(string Model, double Error, double Now)> FitAsync(int window, int ahead, string model)
    {
        var run = await ToolRun.RunAsync(["fit", "--csv", _folder.File("*.csv"), "--target", "value", "--device", "device",
            "--window", $"{window}", "--ahead", $"{ahead}", "--model", model, "--out", _folder.File("out")]);
        Assert.True(run.ExitCode == 0, run.Error);
        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
        var root = result.RootElement;
        return (root.GetProperty("model").GetString()!, root.GetProperty("mean_absolute_error").GetDouble(),
            root.GetProperty("error_of_now").GetDouble());
    }

    private async Task<JsonElement> FitHoursAsync(string model)
    {
        var run = await ToolRun.RunAsync(["fit", "--csv", _folder.File("series.csv"), "--target", "value", "--device", "device",
            "--ahead", "3600", "--model", model, "--out", _folder.File("out")]);
        Assert.True(run.ExitCode == 0, run.Error);
        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("out/result.json"), Cancellation));
        return result.RootElement.Clone();
    }

    private async Task<List<(DateTimeOffset Time, double Value)>> AnswersAsync()
    {
        var run = await ToolRun.RunAsync(["answer", _folder.File("out/model.safetensors"), "--csv", _folder.File("series.csv")]);
        Assert.True(run.ExitCode == 0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static line => line.Split(','))
            .Select(static cells => (Time(cells[^2]), Number(cells[^1])))];
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private async Task<double> RidgeAsync(int window, int ahead)
    {
        JobOptions options = new()
        {
            From = new()
            {
                Csv = _folder.File("*.csv"),
                Device = "device",
                Target = "value",
                Ahead = TimeSpan.FromSeconds(ahead),
            },
            Window = new(window),
        };
        var source = OwnFleet.Read(options) with { Objective = new(0, 1) };
        var (learning, judging) = FitSplit.Of(FitModel.Of(ModelKind.Lags, source.ToRows(), seed: 42).Rows, seed: 42);
        using var split = new TemporaryFolder();
        SetsPeer.Write(split, 0, learning, judging);
        return (await SetsPeer.LearnAsync("ridge", split)).Single().GetProperty("ridge").GetDouble();
    }

    private async Task WriteAsync(string series)
    {
        var data = Path.Combine(Recordings.Folder ?? "", "..");
        Assert.SkipWhen(series is "taxi" or "electricity" && (Recordings.Folder is null || SetsPeer.Missing is not null),
            SetsPeer.Missing ?? "the recordings are not there");
        List<string> lines = ["time,device,value"];
        if (series == "electricity")
        {
            var rows = RealRows.Electricity(Path.Combine(data, "streams"), devices: 20);
            var column = Array.IndexOf(rows.Channels, "nsw demand");
            foreach (var part in rows.Parts) { Add(part.Device, part.Values.Select(v => (double)v[column])); }
        }
        else if (series == "taxi") { Add("a", NabValues(Path.Combine(data, "nab", "realKnownCause", "nyc_taxi.csv.gz"))); }
        else
        {
            for (var device = 0; device < 5; device++)
            {
                var (random, level) = (new RandomStream(device, series), 100.0);
                Add($"d{device}", [.. Enumerable.Range(0, 4000).Select(row => series == "walk" ? level += random.NextGaussian()
                    : (20 * Math.Sin(row * 0.13)) + (5 * Math.Sin(row * 0.71)) + (3 * random.NextGaussian()))]);
            }
        }

        await File.WriteAllLinesAsync(_folder.File("series.csv"), lines, Cancellation);

        void Add(string device, IEnumerable<double> values) => lines.AddRange(values.Select((v, row) =>
            string.Create(CultureInfo.InvariantCulture, $"{1000 * row},{device},{v:0.####}")));
    }

    private static IEnumerable<double> NabValues(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line) { yield return double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture); }
    }
}
