using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>A life of a device: from a start to its end or crash.</summary>
/// <param name="Name">The device.</param>
/// <param name="Index">Its place in the fleet.</param>
/// <param name="Epoch">0 at first; rises at each start.</param>
/// <param name="At">Time since the run began.</param>
internal sealed record DeviceLife(string Name, int Index, long Epoch, TimeSpan At);

/// <summary>The two pipelines of the fleet. Each is a function of its transport: the same in the simulation and in the dataflow
/// host.</summary>
internal static class Pipelines
{
    /// <summary>The aggregator's name.</summary>
    internal const string AggregatorName = "aggregator";

    /// <summary>Samples of a window; every other one begins where the one before is half over.</summary>
    internal const int WindowSamples = 128;

    /// <summary>The blocks up to the window: what the row ledger counts.</summary>
    internal static readonly string[] RowBlocks = ["check-quality", "window"];

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(2);

    /// <summary>A device: it checks its rows, cuts windows, learns from them, and sends what it learned.</summary>
    internal static Pipeline Sensor(FleetRun run, DeviceLife life, ITransport edge, FleetWatch watch) => Pipeline.Define(life.Name, p =>
    {
        var models = p.Subscribe(edge, ModelTopic(run), LearningCodecs.Weights);

        var (deltas, evaluations) = Windows(p, run, life).Train(run.Network, models, new()
        {
            Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
            Buffer = BufferKind.ClassBalanced,
            BufferRows = 128,
            BatchRows = 16,
            StartAfterRows = 8,
            StepsPerUpdate = 4,
            AdjustLogits = true,
            Announce = true,
            Continuous = run.Continuous,
            Pace = run.Mode.Barrier ? TrainPace.LockStep : TrainPace.Free,
            Epoch = life.Epoch,
        });

        deltas.Buffer(capacityMessages: 1).Publish(edge, $"{run.Topics}/{life.Name}/up/delta", LearningCodecs.Deltas);
        evaluations.ForEach("watch", watch.Add);
        if (run.Continuous)
        {
            p.Heartbeat(every: HeartbeatEvery, epoch: life.Epoch)
                .Publish(edge, $"{run.Topics}/{life.Name}/up/presence", LearningCodecs.Presences);
        }
    });

    /// <summary>The edge: it makes model versions of the devices' updates.</summary>
    internal static Pipeline Aggregator(FleetRun run, ITransport edge, FleetWatch watch) => Pipeline.Define(AggregatorName, p =>
    {
        var devices = run.Source.Devices;
        var sound = devices.Where((name, i) => !run.Scenario.FaultsOf(name, i).Any()).Count();      // the others may never have data
        Strategy strategy = run.Mode.Barrier
            ? new FedAvg(Math.Max(1, sound))
            : new FedBuff(Math.Clamp(sound, 1, 10)) { Staleness = new PolynomialStaleness(1) };

        var aggregate = p
            .Subscribe(edge, run.Deltas, LearningCodecs.Deltas, new() { Capacity = 4 })
            .Buffer(capacityMessages: 4)                // few updates wait, so few are stale: a device waits instead
            .Aggregate(run.Network, strategy, new()
            {
                Averaging = run.Mode.Barrier ? Averaging.None : new PolynomialAveraging(),    // there a version is a mean of all
                Lease = run.Continuous ? 3 * HeartbeatEvery : null,
            });
        if (run.Continuous) { aggregate.ControlledBy(p.Subscribe(edge, $"{run.Topics}/+/up/presence", LearningCodecs.Presences)); }

        aggregate.Main.Publish(edge, ModelTopic(run), LearningCodecs.Weights, retain: true);
        aggregate.Side.ForEach("watch", watch.Add);
    });

    /// <summary>The windows of the unseen, or of anybody, without faults: what the model is judged by.</summary>
    internal static Flow<Batch> Windows(PipelineBuilder p, FleetSource source, string name) =>
        source.Open(p, name, Playback.Plain).DropNonFinite().Window(WindowSamples, WindowSamples / 2, new() { Segment = source.Segment });

    private static string ModelTopic(FleetRun run) => $"{run.Topics}/{AggregatorName}/down/model";

    private static Flow<Batch> Windows(PipelineBuilder p, FleetRun run, DeviceLife life)
    {
        var play = PlaybackOf(run, life);
        var rows = run.Source.Open(p, life.Name, play);
        foreach (var fault in run.Scenario.FaultsOf(life.Name, life.Index))
        {
            rows = fault.Kind == SensorFaultKind.Clock
                ? rows.ShiftClock(TimeSpan.FromSeconds(fault.AheadSeconds))
                : rows.StickAxis(fault.Channel, TimeSpan.FromSeconds(fault.FromSeconds));
        }

        var (good, faulty) = rows.CheckQuality(new()
        {
            Clock = run.FullSpeed ? EventClock.FullSpeed : new() { Start = play.Start, SpeedUp = play.Speed },
            DropFaulty = true,
        });
        faulty.Discard();
        return good.Window(WindowSamples, WindowSamples / 2, new() { Segment = run.Source.Segment });
    }

    /// <summary>A device that starts anew goes on where its stream is by then.</summary>
    private static Playback PlaybackOf(FleetRun run, DeviceLife life)
    {
        var speed = run.Mode.ReplaySpeed;
        var played = life.At * speed;
        var turn = (run.Scenario.PhaseOf(life.Name, run.Seed) + (played.TotalSeconds * 50 / Math.Max(1, run.Source.RowsOf(life.Name)))) % 1;
        return new(speed, turn, FleetSource.Start + played, run.Continuous);
    }
}
