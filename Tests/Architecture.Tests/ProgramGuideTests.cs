using StreamLearn;

namespace Architecture.Tests;

/// <summary>The programs of docs/start/install.md: they are short, they run, and they do what the page says.</summary>
public sealed class ProgramGuideTests
{
    [Fact]
    public async Task Vibration_at_10_kHz_becomes_alerts_once_the_bearing_knocks()
    {
        var alerts = new List<string>();
        await RunAsync(VibrationAlert.Define(alerts.Add));
        Assert.Equal(40, alerts.Count);        // each window of 0.2 s from second 12 on, and none before
        Assert.StartsWith("12.2 s: kurtosis ", alerts[0], StringComparison.Ordinal);
        Assert.Contains(alerts[0], await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "start", "install.md"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_two_sensors_is_right_again_after_a_drift()
    {
        var right = new List<bool>();
        await RunAsync(TwoSensors.Define(answers =>
        {
            for (var i = 0; i < answers.Rows; i++) { right.Add(answers["class"].Values<int>()[i] == answers["label"].Values<int>()[i]); }
        }));
        Assert.Equal(20_000, right.Count);
        double Accuracy(int from, int to) => right[from..to].Average(static r => r ? 1.0 : 0);
        Assert.InRange(Accuracy(8000, 10_000), 0.97, 1);
        Assert.InRange(Accuracy(10_000, 10_050), 0, 0.7);              // what was right is wrong now
        Assert.InRange(Accuracy(10_500, 12_500), 0.97, 1);
        Assert.InRange(Accuracy(18_000, 20_000), 0.97, 1);
    }

    [Fact]
    public async Task A_model_for_each_machine_waits_for_a_slow_sink_and_loses_nothing()
    {
        const int Batches = 500;
        const int MaxAhead = 4 + 2 + 2 + ((24 + 12) / 12) + 2;     // queued, at both ends of that queue, queued answers, in the sink
        var (made, stored, mostAhead) = (0, 0, 0);
        var (rows, right) = (new int[12], new int[12]);
        PipelineRun? run = null;
        bool IsHeldBack() => Volatile.Read(ref made) == Batches
            || run?.Metrics.Edges.Any(static e => e.Name.EndsWith("→store", StringComparison.Ordinal)
                && e.Queued >= e.Options.CapacityMessages) == true;
        var pipeline = ModelPerMachine.Define(Batches, () => Interlocked.Increment(ref made), answers =>
        {
            if (stored == 0) { SpinWait.SpinUntil(IsHeldBack); }        // the sink is slow: all that may wait for it does, or all was made
            mostAhead = Math.Max(mostAhead, Volatile.Read(ref made) - (stored / 120));
            var machine = answers["machine"].Values<int>()[0];
            for (var i = 0; i < answers.Rows; i++)
            {
                var isRight = answers["class"].Values<int>()[i] == answers["label"].Values<int>()[i];
                if (rows[machine]++ >= 2500 && isRight) { right[machine]++; }
            }
            stored += answers.Rows;
        });
        run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);
        await using var ended = run;
        await run.Completion.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Repeat(5000, 12), rows);
        Assert.All(right, static r => Assert.InRange(r / 2500.0, 0.95, 1));
        Assert.InRange(mostAhead, 4, MaxAhead);
        Assert.Equal(0, run.Metrics["store"].Drops.Values.Sum());
    }

    [Theory, InlineData("VibrationAlert"), InlineData("TwoSensors"), InlineData("ModelPerMachine")]
    public void A_program_has_fewer_than_40_lines(string name)
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "Tests", "Architecture.Tests", "ProgramGuideExamples.cs"));
        var from = source.IndexOf($"internal static class {name}", StringComparison.Ordinal);
        var program = source[from..(source.IndexOf("\n}", from, StringComparison.Ordinal) + 2)];
        Assert.InRange(program.Split('\n').Length, 15, 39);
    }

    private static async Task RunAsync(Pipeline pipeline)
    {
        await using var run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);
        await run.Completion.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal(0, run.Pool.RentedBatches);
    }
}
