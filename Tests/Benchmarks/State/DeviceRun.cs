using StreamLearn.Operators;

namespace Benchmarks;

/// <summary>The blocks of a device of the Quickstart, from rows to updates, at full speed. Its state is some 2 MiB: the buffer holds more
/// windows than the Quickstart's.</summary>
internal static class DeviceRun
{
    private const int WindowSamples = 128;
    private const double Seconds = 4;
    private const int WindowsAtFirst = 2000;      // until the buffer is full
    private static readonly Network Model = HarNetwork.Create(seed: 1);

    /// <summary>Rows per second of processor time, with a checkpoint every so many seconds.</summary>
    /// <param name="every">The period; null: no checkpoints.</param>
    internal static Sample Measure(double? every)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = every is { } seconds ? new CheckpointOptions(folder.Path) { Every = TimeSpan.FromSeconds(seconds) } : null;
        var run = Start(checkpoints);
        try
        {
            var sample = Measurement.PerProcessorSecond(() =>
            {
                var before = Rows(run);
                Thread.Sleep(TimeSpan.FromSeconds(Seconds));
                return Rows(run) - before;
            });
            return sample with
            {
                Details = new Dictionary<string, double>
                {
                    ["checkpoints"] = run.LastCheckpoint?.Number ?? 0,
                    ["mib"] = (run.LastCheckpoint?.SizeBytes ?? 0) / 1048576.0,
                },
            };
        }
        finally { run.DisposeAsync().AsTask().Wait(); }
    }

    /// <summary>A run at work whose buffer is full.</summary>
    internal static PipelineRun Start(CheckpointOptions? checkpoints)
    {
        var run = Define().Start(new() { Checkpoints = checkpoints, Seed = 1 });
        run.SendAsync("models", Model.Initial with { Version = 1, Scale = Scale() }).AsTask().Wait();
        while (run.Metrics["window"].ItemsOut < WindowsAtFirst && !run.Completion.IsCompleted) { Thread.Sleep(1); }
        if (run.Completion.IsCompleted) { run.Completion.Wait(); }
        return run;
    }

    /// <summary>Rows that became windows so far.</summary>
    internal static long Rows(PipelineRun run) => run.Metrics["window"].ItemsOut * (WindowSamples / 2);
    private static ChannelMoments Scale() => new(2, [.. new double[HarNetwork.Channels]], [.. Enumerable.Repeat(2.0, HarNetwork.Channels)]);

    private static Pipeline Define() => Pipeline.Define("device", p =>
    {
        var (good, faulty) = p
            .FromHarStream(new() { User = 1, Seed = 1, Duration = TimeSpan.FromDays(30), SpeedUp = double.PositiveInfinity })
            .CheckQuality(new() { Clock = EventClock.FullSpeed, DropFaulty = true });
        faulty.Discard();
        var (deltas, evaluations) = good.Window(WindowSamples, WindowSamples / 2).Train(
            Model, p.Input<Weights>("models"), new()
            {
                Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
                Buffer = BufferKind.ClassBalanced,
                BufferRows = 660,
                BatchRows = 16,
                StartAfterRows = 8,
                StepsPerUpdate = 4,
                AdjustLogits = true,
            });
        deltas.Discard();
        evaluations.Discard();
    });
}
