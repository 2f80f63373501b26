using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

/// <summary>One run of a device, from a start to its end or crash. <paramref name="Epoch"/>: from 0, increases at each start.</summary>
internal sealed record DeviceLife(string Name, int Index, long Epoch, TimeSpan At);

internal sealed record RunPipelines(
    Func<FleetRun, DeviceLife, ITransport, FleetWatch, Pipeline> Sensor, Func<FleetRun, ITransport, FleetWatch, Pipeline> Aggregator);

internal static class FleetSettings
{
    internal const int UpdatesUnderWay = 2;

    internal const int StepsPerUpdate = 4;

    /// <summary>A device with fewer windows sends nothing.</summary>
    internal const int StartAfterWindows = 8;

    /// <summary>A linear model of classes converges to that of all rows.</summary>
    private const int ShrinkAfterVisits = 512;

    private const int MaxBuffered = 10;

    /// <summary>Longer than a busy processor or disk may delay the last answers, so that every update is accounted for.</summary>
    internal static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan HeartbeatPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestoreWithin = TimeSpan.FromSeconds(2);
    private static readonly string[] RowBlocks = ["check-quality", "window"];

    /// <summary>Name prefixes of blocks that inject sensor faults, before <see cref="RowBlocks"/>.</summary>
    private static readonly string[] FaultBlocks = ["stick ", "shift"];

    internal static TimeSpan? HeartbeatEvery(FleetRun run) => run.Continuous ? HeartbeatPause : null;

    internal static CheckQualityOptions Quality(FleetRun run, DeviceLife life)
    {
        var play = PlaybackOf(run, life);
        return new()
        {
            Clock = run.FullSpeed ? EventClock.FullSpeed : new() { Start = play.Start, SpeedUp = play.Speed },
            Stuck = run.Source.StuckRows ? new CheckQualityOptions().Stuck : Timeout.InfiniteTimeSpan,
            DropFaulty = true,
        };
    }

    internal static TrainOptions Training(FleetRun run, DeviceLife life) => new()
    {
        Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
        Buffer = BufferKind.ClassBalanced,
        BufferRows = run.Source.BufferRows,
        BatchRows = 16,
        StartAfterRows = StartAfterWindows,
        MaxVisits = run.Source.MaxVisits,
        ShrinkAfter = run.Source.IsConvex ? ShrinkAfterVisits : null,
        Penalty = run.Source.IsConvex ? 1 : 0,
        StepsPerUpdate = StepsPerUpdate,
        AdjustLogits = run.Source is { AdjustLogits: true, IsConvex: false },
        Announce = true,
        Continuous = run.Continuous,
        Pace = run.Mode.Barrier ? TrainPace.LockStep : TrainPace.Free,
        Epoch = life.Epoch,
        Credit = new() { Updates = UpdatesUnderWay, LeaveTimeout = LeaveTimeout },
    };

    internal static AggregateOptions Rules(FleetRun run) => new()
    {
        Averaging = run.Averaging ?? Averaging.For(StrategyOf(run), run.Source.HasOneClassEach),
        Lease = run.Continuous ? 3 * HeartbeatPause : null,
        Epoch = run.AggregatorEpoch,
        Restore = run.AggregatorEpoch == 0 ? null : RestoreWithin,
    };

    /// <summary>The maximum number of updates in transit, including those held.</summary>
    internal static int WindowOf(FleetRun run) => UpdatesPerVersion(run) + (UpdatesUnderWay * run.Source.Devices.Length);

    internal static Strategy StrategyOf(FleetRun run) => run.Strategy ?? (run.Mode.Barrier
        ? new FedAvg(UpdatesPerVersion(run))
        : new FedBuff(UpdatesPerVersion(run)) { Staleness = Staleness.Polynomial(1) });

    /// <summary>Returns the updates per version: with a barrier one per device with data, otherwise up to ten.</summary>
    internal static int UpdatesPerVersion(FleetRun run)
    {
        var sound = run.Source.Devices.Where((name, i) => !run.Scenario.FaultsOf(name, i).Any()).Count();
        return Math.Clamp(sound, 1, run.Mode.Barrier ? int.MaxValue : MaxBuffered);
    }

    internal static bool IsUpToWindow(string block) =>
        RowBlocks.Contains(block) || FaultBlocks.Any(b => block.StartsWith(b, StringComparison.Ordinal));

    /// <summary>With the injected faults.</summary>
    internal static Flow<Batch> Measure(PipelineBuilder p, FleetRun run, DeviceLife life)
    {
        var rows = run.Source.Open(p, life.Name, PlaybackOf(run, life));
        foreach (var fault in run.Scenario.FaultsOf(life.Name, life.Index))
        {
            rows = fault.IsClock
                ? rows.ShiftClock(TimeSpan.FromSeconds(fault.AheadSeconds))
                : rows.StickAxis(fault.Channel, TimeSpan.FromSeconds(fault.FromSeconds));
        }

        return rows;
    }

    /// <summary>A restarted device continues at the stream's current position.</summary>
    private static Playback PlaybackOf(FleetRun run, DeviceLife life)
    {
        var speed = run.Mode.ReplaySpeed;
        var played = life.At * speed;
        var turn = (run.Scenario.PhaseOf(life.Name, run.Seed)
            + (played.TotalSeconds * run.Source.RowsPerSecond / Math.Max(1, run.Source.RowsOf(life.Name)))) % 1;
        return new(speed, turn, FleetSource.Start + played, run.Continuous);
    }
}
