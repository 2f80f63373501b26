using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Programs;
using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>What a choice promises of devices that did not choose.</summary>
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
            DeviceBounds.Of(new("a", [.. Enumerable.Range(0, judges).Select(static i => i % 2 == 0 ? 0.7 : 0.8)], 0.75), 4, choices);

        Assert.Null(Of(1, 1));
        Assert.True(Of(4, 1)!.Value.Low < Of(8, 1)!.Value.Low && Of(8, 4)!.Value.Low < Of(8, 1)!.Value.Low);
        Assert.InRange(Of(8, 1)!.Value.Low, 0.672, 0.673);        // 0.75 - 2.3646 · 0.05345 · √(1/8 + 1/4)
    }

    [Fact]
    public void Devices_that_agree_are_no_certainty()
    {
        var sure = new Candidate("a", [1, 1, 1], 1) { WindowVariance = 0.001 };

        Assert.InRange(DeviceBounds.Of(sure, 3, 4)!.Value.Low, 0.5, 0.9);
    }

    /// <summary>Of made sets that differ in devices, signal and how far devices are apart; the long form has a hundred.</summary>
    [Fact]
    public void What_is_promised_holds_on_unseen_devices_for_93_of_100_sets()
    {
        using var folder = new TemporaryFolder();
        var (sets, kept) = (LongForm.IsAsked ? 100 : 6, 0);
        for (var set = 0; set < sets; set++)
        {
            var file = folder.File($"{set}.csv");
            Write(file, set);
            var options = Of(file, set);
            var source = OwnFleet.Read(options);
            var (chosen, _, judging, text) = AloneJob.Choose(options, source, TestContext.Current.CancellationToken);
            var accuracy = Evaluation.Of(chosen.Model.Network, chosen.Fitted.Weights, judging.Sample).Accuracy;
            kept += IsKept(set, chosen.Promised!.Value, accuracy, text) ? 1 : 0;
        }

        output.WriteLine($"{kept} of {sets}");
        Assert.InRange(kept, 0.93 * sets, sets);
    }

    /// <summary>Of 95 % of 40, chance keeps fewer than 36 in one of seventy tables.</summary>
    [Fact]
    public void What_a_fleet_is_promised_holds_on_unseen_devices_for_36_of_40_sets()
    {
        using var folder = new TemporaryFolder();
        var (sets, kept, stop) = (LongForm.IsAsked ? 40 : 1, 0, TestContext.Current.CancellationToken);
        for (var set = 0; set < sets; set++)
        {
            var file = folder.File($"{set}.csv");
            Write(file, set);
            var options = Of(file, set) with { Seconds = LongForm.IsAsked ? 30 : 10, Mode = ModeChoice.Async };
            var (source, scenario) = (OwnFleet.Read(options), Scenario.Load(options.ScenarioFile));
            var model = ModelSearch.Of(options, source, scenario, static _ => { }, stop);
            var mode = TrainingMode.Of(options, scenario, source.ReplaySpeed)[0];
            var fleet = SimulatedFleet.Run(new(model.Source, model.Network, scenario, mode, options.Seed, options.Continuous, FullSpeed: false),
                AllRuns.LengthOf(options, scenario), static _ => { }, stop);
            var unseen = LabelledWindows.Collect(model.Source, source.Unseen, options.Seed);
            var accuracy = Evaluation.Of(model.Network, fleet.CutOff!.Rounds[^1].Averaged, unseen.Sample).Accuracy;
            kept += IsKept(set, model.Promised!.Value, accuracy, model.Source.Choice!) ? 1 : 0;
        }

        output.WriteLine($"fleets: {kept} of {sets}");
        Assert.InRange(kept, 0.9 * sets, sets);
    }

    private static JobOptions Of(string file, int set) =>
        new() { Csv = file, Label = "label", Device = "device", Window = new(0.64), Seed = set };

    private bool IsKept(int set, (double Low, double High) promised, double accuracy, string text)
    {
        var isKept = accuracy >= promised.Low && accuracy <= promised.High;
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
