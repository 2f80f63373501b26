using StreamLearn.Learning;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class PromiseTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.05, 1, 12.7062)]
    [InlineData(0.05, 4, 2.7764)]
    [InlineData(0.0125, 7, 3.3353)]
    [InlineData(0.0125, 30, 2.6574)]
    public void Quantiles_are_those_of_Student(double share, int degrees, double expected) =>
        Assert.Equal(expected, DeviceBounds.Student(share, degrees), tolerance: 1e-3);       // scipy: t.isf(share / 2, degrees)

    [Fact]
    public void Bounds_are_wider_with_fewer_devices_and_more_choices_and_one_device_gives_none()
    {
        static (double Low, double High)? Of(int judges, int choices) =>
            DeviceBounds.Of(new("a", [.. Enumerable.Range(0, judges).Select(static i => i % 2 == 0 ? 0.7 : 0.8)]), 4, choices);

        Assert.Null(Of(1, 1));
        Assert.True(Of(4, 1)!.Value.Low < Of(8, 1)!.Value.Low && Of(8, 4)!.Value.Low < Of(8, 1)!.Value.Low);
        Assert.Equal(0.6379, Of(8, 1)!.Value.Low, 1e-4);         // scipy; 0.7389 - 2.306 · 0.0601 · √(2.25/8 + 1/4), with one of 0.65
        Assert.Equal(0.8422, Of(8, 1)!.Value.High, 1e-4);        // 0.75 + 2.3646 · 0.05345 · √(2.25/8 + 1/4)
    }

    [Fact]
    public void Bounds_wider_than_the_gain_over_knowing_nothing_are_none()
    {
        var apart = new Candidate("a", [0.7, 0.8, 0.75, 0.85]);

        Assert.Contains("on 2 unseen ", Candidate.Text([apart], apart, null, 2, ""), StringComparison.Ordinal);
        apart = apart with { Trivial = 0.6 };
        Assert.Null(apart.Promise(2, 1, null));
        Assert.EndsWith("; says nothing about 2 unseen: 4 devices that differ so are too few",
            Candidate.Text([apart], apart, null, 2, ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_agree_are_no_certainty()
    {
        var sure = new Candidate("a", [1, 1, 1]) { WindowVariance = 0.001 };

        Assert.InRange(DeviceBounds.Of(sure, 3, 4)!.Value.Low, 0.5, 0.9);
    }

    [Fact]
    public void A_score_of_few_devices_varies_as_they_do()
    {
        Assert.Null(ModelTrial.HalfOf([(8, 10)], 0.8, 10));
        Assert.Equal(0.4968, ModelTrial.HalfOf([(8, 10), (6, 10), (10, 10)], 0.8, 30)!.Value, 1e-4);     // 4.3027 · √(3/2 · 8) / 30
    }

    [Fact]
    public void The_best_of_several_versions_promises_as_the_best_of_several_models()
    {
        Candidate one = new("a", [0.7, 0.8, 0.75, 0.85]);

        Assert.Equal(one.Promise(2, 22, null), (one with { Looks = 20 }).Promise(2, 3, null));
        Assert.NotEqual(one.Promise(2, 3, null), (one with { Looks = 20 }).Promise(2, 3, null));
    }

    /// <summary>Of made sets that differ in devices, signal and how far devices are apart.</summary>
    [LongFact]
    public void What_is_promised_holds_on_unseen_devices_for_93_of_100_sets()
    {
        using var folder = new TemporaryFolder();
        var (sets, kept) = (100, 0);
        for (var set = 0; set < sets; set++)
        {
            var file = folder.File($"{set}.csv");
            Write(file, set);
            var options = Of(file, set);
            var source = OwnFleet.Read(options);
            var fit = Fitting.Run(source.ToRows(), options.Fit, static _ => { }, TestContext.Current.CancellationToken);
            kept += IsKept(set, fit.Promised, fit.Accuracy, fit.Choice!) ? 1 : 0;
        }

        output.WriteLine($"{kept} of {sets}");
        Assert.InRange(kept, 0.93 * sets, sets);
    }

    /// <summary>Of 95 % of 40, chance keeps fewer than 36 in one of seventy tables.</summary>
    [Fact]
    public void What_a_fleet_is_promised_holds_on_unseen_devices_for_36_of_40_sets()
    {
        using var folder = new TemporaryFolder();
        var (sets, kept) = (LongForm.IsAsked ? 40 : 1, 0);
        for (var set = 0; set < sets; set++)
        {
            var file = folder.File($"{set}.csv");
            Write(file, set);
            var options = Of(file, set) with { Seconds = LongForm.IsAsked ? 30 : 10, Mode = ModeChoice.Async };
            var (source, scenario) = (OwnFleet.Read(options), Scenario.Load(options.ScenarioFile));
            var model = ModelSearch.Of(options, source, scenario, static _ => { }, TestContext.Current.CancellationToken);
            var accuracy = Accuracy(options, scenario, model);
            kept += IsKept(set, model.Promised, accuracy, model.Source.Choice!) ? 1 : 0;
        }

        output.WriteLine($"fleets: {kept} of {sets}");
        Assert.InRange(kept, 0.9 * sets, sets);
    }

    /// <summary>So the bounds are of models that know as much as the one that is saved.</summary>
    [Fact]
    public void Candidates_of_a_fleet_learn_as_long_as_the_fleet_will()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("0.csv"), 0);
        var options = Of(folder.File("0.csv"), 0) with { Seconds = 10 };
        var (source, scenario) = (OwnFleet.Read(options), Scenario.Load(options.ScenarioFile));

        var choice = ModelSearch.Of(options, source, scenario, static _ => { }, TestContext.Current.CancellationToken).Source.Choice;

        var linear = source.Devices.Average(device => Accuracy(options, scenario, FleetModel.Of(
            ModelKind.Linear, source with { Devices = source.Devices.Remove(device), Unseen = [device] }, options.Seed)));
        Assert.Contains(FormattableString.Invariant($"accuracy {linear:0.000} with linear"), choice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_on_fleets_that_take_long_is_said_every_five_seconds()
    {
        var (clock, said) = (new ManualTimeProvider(), new List<string>());
        var line = new FitLine(clock, said.Add);
        for (var second = 1; second <= 12; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            line.Report("rocket, fleet 2 of 4", TimeSpan.FromSeconds(20 * second), TimeSpan.FromSeconds(300));
        }

        Assert.Equal(["  fitting  rocket, fleet 2 of 4: 100 of 300 s", "  fitting  rocket, fleet 2 of 4: 200 of 300 s"], said);
    }

    private static double Accuracy(JobOptions options, Scenario scenario, FleetModel model)
    {
        var run = Pipelines.Run(model.Source, model.Network, scenario, TrainingMode.Of(options, scenario, model.Source.ReplaySpeed)[0],
            options.Seed, options.Continuous, fullSpeed: false);
        var fleet = SimulatedFleet.Run(
            run, SimulatedRuns.LengthOf(options, scenario), static _ => { }, TestContext.Current.CancellationToken);
        var unseen = LabelledWindows.Collect(model.Source, model.Source.Unseen, options.Seed);
        return Evaluation.Of(model.Network, fleet.CutOff!.Rounds[^1].Averaged, unseen.Sample).Accuracy;
    }

    private static JobOptions Of(string file, int set) =>
        new() { From = new() { Csv = file, Label = "label", Device = "device" }, Window = new(0.64), Seed = set, Fleet = true };

    private bool IsKept(int set, (double Low, double High)? promised, double accuracy, string text)
    {
        var isKept = promised is not var (low, high) || (accuracy >= low && accuracy <= high);
        output.WriteLine(FormattableString.Invariant($"{set} {(isKept ? "kept" : "missed")}: {accuracy:0.000}; {text}"));
        return isKept;
    }

    /// <summary>Three classes of which two channels tell something, and devices whose sensors are off.</summary>
    private static void Write(string file, int set)
    {
        var random = new RandomStream(set, "set");
        var (devices, signal, spread) = (5 + (set % 9), random.NextDouble(0.3, 1.2), random.NextDouble(0.1, 1));
        var lines = new List<string> { "time,device,x,y,label" };
        for (var device = 0; device < devices; device++)
        {
            var (x, y) = (spread * random.NextGaussian(), Math.Exp(spread * random.NextGaussian()));
            for (var row = 0; row < 1440; row++)
            {
                var label = row / 240 % 3;
                var swing = y * (label == 2 ? 2 : 1) * Math.Sin(row / 3.0);
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{row * 0.02:0.00},d{device:00},{x + (signal * (label == 0 ? 1 : 0)) + random.NextGaussian():0.000},")
                    + string.Create(CultureInfo.InvariantCulture, $"{swing + random.NextGaussian():0.000},{"abc"[label]}"));
            }
        }

        File.WriteAllLines(file, lines);
    }
}
