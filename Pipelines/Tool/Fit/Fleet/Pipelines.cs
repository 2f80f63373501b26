using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

/// <summary>One start of a device up to its end or crash. <paramref name="Epoch"/>: from 0, rises at each start.</summary>
internal sealed record DeviceLife(string Name, int Index, long Epoch, TimeSpan At);

/// <summary>The fleet's two pipelines, functions of their transports: the same in simulation and dataflow host.</summary>
internal static class Pipelines
{
    internal const string AggregatorName = FleetTopics.Aggregator;

    /// <summary>Name prefixes of blocks that inject sensor faults, before <see cref="SensorPipeline.RowBlocks"/>.</summary>
    private static readonly string[] FaultBlocks = ["stick ", "shift"];

    internal const int UpdatesUnderWay = 2;

    internal const int StepsPerUpdate = 4;

    /// <summary>A device with fewer windows never sends anything.</summary>
    internal const int StartAfterWindows = 8;

    private const int MaxBuffered = 10;

    /// <summary>Repetitions of a window, except for softmax on few features: it cannot memorize people and needs more.</summary>
    private static readonly TrainOptions Usual = new();

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestoreWithin = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a busy processor or disk delays the last answers, so that every update is accounted for.</summary>
    internal static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(20);

    internal static Pipeline Sensor(FleetRun run, DeviceLife life, EdgeLink edge, FleetWatch watch)
    {
        var play = PlaybackOf(run, life);
        return SensorPipeline.Create(new(life.Name, new(run.Topics), run.Network, p => Measure(p, run, life, play), run.Source.Schema,
            rows => Windows(rows, run.Source))
        {
            Quality = new()
            {
                Clock = run.FullSpeed ? EventClock.FullSpeed : new() { Start = play.Start, SpeedUp = play.Speed },
                Stuck = run.Source.StuckRows ? new CheckQualityOptions().Stuck : Timeout.InfiniteTimeSpan,
                DropFaulty = true,
            },
            Training = new()
            {
                Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
                Buffer = BufferKind.ClassBalanced,
                BufferRows = run.Source.BufferRows,
                BatchRows = 16,
                StartAfterRows = StartAfterWindows,
                MaxVisits = run.Source.Preparation.Kind is ModelKind.Linear or ModelKind.Lags ? null : Usual.MaxVisits,
                StepsPerUpdate = StepsPerUpdate,
                AdjustLogits = run.Source.AdjustLogits,
                Announce = true,
                Continuous = run.Continuous,
                Pace = run.Mode.Barrier ? TrainPace.LockStep : TrainPace.Free,
                Epoch = life.Epoch,
                Credit = new() { Updates = UpdatesUnderWay, LeaveTimeout = LeaveTimeout },
            },
            HeartbeatEvery = run.Continuous ? HeartbeatEvery : null,
            Deltas = new CountedDeltas(watch),
            OnEvaluation = watch.Add,
        }, edge);
    }

    internal static Pipeline Aggregator(FleetRun run, EdgeLink edge, FleetWatch watch)
    {
        var window = UpdatesPerVersion(run) + (UpdatesUnderWay * run.Source.Devices.Length);    // all that may be under way
        return AggregatorPipeline.Create(new(new(run.Topics), run.Network, run.Strategy ?? StrategyOf(run), window)
        {
            Rules = new()
            {
                Averaging = run.Averaging ?? AveragingOf(run),
                Lease = run.Continuous ? 3 * HeartbeatEvery : null,
                Epoch = run.AggregatorEpoch,
                Restore = run.AggregatorEpoch == 0 ? null : RestoreWithin,
            },
            TakesUpNewest = run.AggregatorEpoch > 0,
            OnRound = watch.Add,
        }, edge);
    }

    internal static Strategy StrategyOf(FleetRun run) => run.Mode.Barrier
        ? new FedAvg(UpdatesPerVersion(run))
        : new FedBuff(UpdatesPerVersion(run)) { Staleness = Staleness.Polynomial(1) };

    /// <summary>Barrier versions are few but vary as much: averages about their last quarter.</summary>
    private static Averaging AveragingOf(FleetRun run) =>
        run.Mode.Barrier && !run.Source.HasOneClassEach ? Averaging.Polynomial(decay: 3) : Averaging.Polynomial();

    /// <summary>Fault-free windows for judging.</summary>
    internal static Flow<Batch> Windows(PipelineBuilder p, FleetSource source, string name) =>
        Windows(source.Open(p, name, Playback.Plain).DropNonFinite(), source);

    /// <summary>Blocks of the row ledger, excluding sources.</summary>
    internal static bool IsUpToWindow(string block) =>
        SensorPipeline.RowBlocks.Contains(block) || FaultBlocks.Any(b => block.StartsWith(b, StringComparison.Ordinal));

    /// <summary>With a barrier one per device with data, else up to ten.</summary>
    internal static int UpdatesPerVersion(FleetRun run)
    {
        var sound = run.Source.Devices.Where((name, i) => !run.Scenario.FaultsOf(name, i).Any()).Count();
        return Math.Clamp(sound, 1, run.Mode.Barrier ? int.MaxValue : MaxBuffered);
    }

    /// <summary>Includes the injected faults.</summary>
    private static Flow<Batch> Measure(PipelineBuilder p, FleetRun run, DeviceLife life, Playback play)
    {
        var rows = run.Source.Open(p, life.Name, play);
        foreach (var fault in run.Scenario.FaultsOf(life.Name, life.Index))
        {
            rows = fault.Kind == SensorFaultKind.Clock
                ? rows.ShiftClock(TimeSpan.FromSeconds(fault.AheadSeconds))
                : rows.StickAxis(fault.Channel, TimeSpan.FromSeconds(fault.FromSeconds));
        }

        return rows;
    }

    /// <summary>Windows overlap by half; a forecast starts after a window's last row.</summary>
    private static Flow<Batch> Windows(Flow<Batch> rows, FleetSource source)
    {
        var windows = source.Preparation.Cut(rows, source.Segment);
        return source.Preparation.Features(source.ForecastsClasses ? windows.LastLabel() : windows);
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
