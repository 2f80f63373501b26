using System.Globalization;

namespace StreamLearn.Tables.Tests;

/// <summary>Fit and watch, as a program calls them.</summary>
public sealed class FitTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fits").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_class_is_learned_and_judged_by_devices_that_nothing_was_learned_from()
    {
        var rows = Rows(pumps: 4);
        var fit = Table.Fit(rows, new() { Label = "state" }, Quick with { Unseen = ["pump-3"] },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ModelKind.Linear, false), (fit.Kind, fit.NothingToLearn));
        Assert.InRange(fit.Accuracy, 0.9, 1);
        Assert.Equal(["pump-3"], fit.Devices.Select(static d => d.Name));
        Assert.Equal(fit.JudgedWindows, fit.Confusion.Sum());
        Assert.StartsWith("linear: accuracy ", fit.Choice, StringComparison.Ordinal);
        Assert.Equal(["good", "worn"], fit.Model.Classes);

        var path = Path.Join(_folder, "model.safetensors");
        fit.Model.Save(path);
        Assert.Equal(fit.Model.Answer(rows), Table.Load(path).Answer(rows));
    }

    [Fact]
    public void A_value_is_learned_with_a_bound()
    {
        var fit = Table.Fit(Rows(pumps: 20), new() { Target = "pressure" }, Quick with { Bound = 0.9 },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.InRange(fit.MeanAbsoluteError, 0, fit.ErrorOfMean / 2);
        Assert.InRange(fit.Covered!.Value, 0.7, 1);
        Assert.True(fit.BoundHalf > 0);
        Assert.All(fit.Model.Answer(Rows(pumps: 1)), static a => Assert.NotNull(a.Value));
    }

    /// <summary>A trial has a penalty per row, the fit to all rows one in sum.</summary>
    [Fact]
    public void What_is_saved_is_fitted_with_the_penalty_that_was_tried()
    {
        var model = FitModel.Of(ModelKind.Linear, Fitting.Read(new() { Csv = Rows(pumps: 4), Label = "state" }, Quick), seed: 1);
        var ((learning, held), line) = (FitSplit.Of(model.Rows, seed: 1), new FitLine(TimeProvider.System, static _ => { }, "linear"));
        var trial = Trial.Of(model, learning, held, seed: 1, line, CancellationToken.None)[0];

        var fitted = Trial.Finish(model, learning, [trial], seed: 1, line, CancellationToken.None);

        Assert.All(trial.Held.Outputs.Zip(FitAnswers.Of(model.Network, fitted.Weights, held).Outputs),
            static o => Assert.Equal(o.First, o.Second, 1e-3));
    }

    /// <summary>The target is the number of the row, 30 rows later.</summary>
    [Fact]
    public void A_forecast_of_one_device_is_judged_where_what_it_learned_is_past()
    {
        var path = Path.Join(_folder, "rows.csv");
        File.WriteAllLines(path, ["time,x", .. Enumerable.Range(0, 400).Select(static row => $"{1_700_000_000 + row},{row}")]);
        var rows = Fitting.Read(new() { Csv = path, Target = "x", Channels = ["x"], Ahead = TimeSpan.FromSeconds(30) },
            new() { WindowSeconds = 16 });

        var (learning, judging) = FitSplit.Of(rows with { Preparation = rows.Preparation with { Kind = ModelKind.Lags } }, seed: 1);

        Assert.InRange(judging.Count, 50, 100);
        Assert.InRange(judging.Features[rows.Preparation.WindowRows - 1] - learning.Targets.Max(), 0, 2);
    }

    [Fact]
    public void Each_device_is_held_out_once_and_has_the_same_part_in_an_accuracy_and_a_coverage()
    {
        int[] owners = [.. Enumerable.Range(0, 33).Select(static r => r / 3)];
        var rows = Fitting.Read(new() { Csv = Rows(pumps: 2), Label = "state" }, Quick);
        var folds = FitSplit.FoldsOf(new(new float[33], new int[33], owners, []), rows);
        Assert.Equal(owners, folds.SelectMany(static f => f.Judging.Owners).Order());
        Assert.All(folds, static f => Assert.Empty(f.Learning.Owners.Intersect(f.Judging.Owners)));

        var answers = new FitAnswers([0.9f, 0.1f, 0.9f, 0.1f, 0.9f, 0.1f, 0.2f, 0.8f], new int[4], [], [0, 0, 0, 1]);
        Assert.Equal((0.5, 0.5), (answers.Within(0.5f).Covered, answers.CandidateOf("a", spread: 1).Accuracy));
    }

    [Fact]
    public void What_cannot_be_learned_is_refused_by_name()
    {
        Assert.Contains("none", Assert.Throws<ProgramException>(() => Table.Fit(Rows(pumps: 2), new() { Label = "none" })).Message,
            StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() =>
            Table.Fit(Rows(pumps: 2), new() { Label = "state" }, Quick, cancellationToken: new(canceled: true)));
    }

    [Fact]
    public void Unusual_rows_are_found_beside_usual_files()
    {
        var (usual, rows) = (Series("usual.csv", unusualFrom: int.MaxValue), Series("rows.csv", unusualFrom: 300));
        var watch = Table.Watch(rows, options: new() { Usual = usual, FalseAlarmRate = 0.001 });

        var alert = Assert.Single(watch.Alerts);
        Assert.Equal(("vibration", 400L), (alert.Channel, watch.Rows));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_300), alert.Since);
        Assert.Null(alert.Device);
        Assert.Contains(watch.Notes, static n => n.Contains("400 rows scored", StringComparison.Ordinal));
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        TableGuideExamples.Watch(usual, rows, output);
        Assert.StartsWith("22:18:20 vibration ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("learns from", Assert.Throws<ProgramException>(() => Table.Watch(rows, options: new() { LearnRows = 3 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_of_the_page_prints_how_good_the_model_is()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        TableGuideExamples.Fit(Rows(pumps: 4), Path.Join(_folder, "model.safetensors"), output);
        Assert.Contains("unseen: ", output.ToString(), StringComparison.Ordinal);
    }

    private static TableFitOptions Quick => new() { Model = ModelKind.Linear, WindowSeconds = 2 };

    private string Rows(int pumps)
    {
        var path = Path.Join(_folder, "rows.csv");
        using var file = File.CreateText(path);
        file.WriteLine("time,pump,vibration,pressure,state");
        for (var pump = 0; pump < pumps; pump++)
        {
            var random = new RandomStream(pump, "vibration");       // otherwise pumps would be copies
            for (var row = 0; row < 240; row++)
            {
                var isWorn = row / 60 % 2 == 1;
                var vibration = (Math.Sin(row * (isWorn ? 2.1 : 0.7)) * (isWorn ? 3 : 1)) + (0.01 * random.NextGaussian());
                file.WriteLine(FormattableString.Invariant($"{1_700_000_000 + (row / 10.0):0.0},pump-{pump},{vibration:0.000},")
                    + FormattableString.Invariant($"{(isWorn ? 5 : 3) + (0.1 * Math.Sin(row + pump)):0.000},{(isWorn ? "worn" : "good")}"));
            }
        }

        return path;
    }

    private string Series(string name, int unusualFrom)
    {
        var path = Path.Join(_folder, name);
        var random = new RandomStream(1, name);
        File.WriteAllLines(path, ["time,vibration,pressure", .. Enumerable.Range(0, 400).Select(row => FormattableString.Invariant(
            $"{1_700_000_000 + row},{random.NextDouble() + (row >= unusualFrom && row < unusualFrom + 20 ? 30 : 0):0.000},")
            + FormattableString.Invariant($"{random.NextDouble():0.000}"))]);
        return path;
    }
}
