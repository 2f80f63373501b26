using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Arrow;
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

    /// <summary>The block that takes the rows of its device's sensor.</summary>
    internal const string TakesRows = "rows";

    private const string SendsRows = "sensor";

    private static readonly string[] RowBlocks = [SendsRows, TakesRows, "check-quality", "window"];

    /// <summary>How the names of blocks begin that break a sensor; they stand before <see cref="RowBlocks"/>.</summary>
    private static readonly string[] FaultBlocks = ["stick ", "shift"];

    /// <summary>Updates of a device that may be under way at once.</summary>
    internal const int UpdatesUnderWay = 2;

    /// <summary>Training steps of an update.</summary>
    internal const int StepsPerUpdate = 4;

    private const int MaxBuffered = 10;
    private const int BatchesSent = 8;              // before and after a sensor's link; with those after it as many as an edge has
    private const int BatchesTaken = 48;
    private const int BatchesOverServer = 64;

    /// <summary>Stands for all devices in the topic where the newest version is kept.</summary>
    private const string Everybody = "all";

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestoreWithin = TimeSpan.FromSeconds(2);

    /// <summary>A device: it checks its rows, cuts windows, learns from them, and sends what it learned.</summary>
    internal static Pipeline Sensor(FleetRun run, DeviceLife life, EdgeLink edge, FleetWatch watch) => Pipeline.Define(life.Name, p =>
    {
        var models = p.Subscribe(edge.Control, Down(run, Topic.Escape(life.Name), "model"), LearningCodecs.Weights);
        var receipts = p.Subscribe(edge.Control, Down(run, Topic.Escape(life.Name), "receipt"), LearningCodecs.Receipts);

        var (deltas, evaluations, presences) = Windows(p, run, life, edge).Train(run.Network, models, receipts, new()
        {
            Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
            Buffer = BufferKind.ClassBalanced,
            BufferRows = run.Source.BufferRows,
            BatchRows = 16,
            StartAfterRows = 8,
            StepsPerUpdate = StepsPerUpdate,
            AdjustLogits = run.Source.AdjustLogits,
            Announce = true,
            Continuous = run.Continuous,
            Pace = run.Mode.Barrier ? TrainPace.LockStep : TrainPace.Free,
            Epoch = life.Epoch,
            Credit = new() { Updates = UpdatesUnderWay },
        });

        HearOfConnections(p, edge, deltas);
        deltas.Publish(edge.Data, $"{run.Topics}/{Topic.Escape(life.Name)}/up/delta", new CountedDeltas(watch));
        evaluations.ForEach("watch", watch.Add);
        if (run.Continuous) { presences = presences.Merge(p.Heartbeat(every: HeartbeatEvery, epoch: life.Epoch)); }
        presences.Publish(edge.Control, $"{run.Topics}/{Topic.Escape(life.Name)}/up/presence", LearningCodecs.Presences);
    });

    /// <summary>The edge: it makes model versions of the devices' updates.</summary>
    internal static Pipeline Aggregator(FleetRun run, EdgeLink edge, FleetWatch watch) => Pipeline.Define(AggregatorName, p =>
    {
        var updates = UpdatesPerVersion(run);
        Strategy strategy = run.Mode.Barrier
            ? new FedAvg(updates)
            : new FedBuff(updates) { Staleness = Staleness.Polynomial(1) };
        var window = Math.Min(ushort.MaxValue, updates + (UpdatesUnderWay * run.Source.Devices.Length));    // all that may be under way

        var (versions, rounds, receipts) = p
            .Subscribe(edge.Data, run.Deltas, LearningCodecs.Deltas, new() { Capacity = window })
            .Aggregate(run.Network, strategy,
                p.Subscribe(edge.Control, $"{run.Topics}/+/up/presence", LearningCodecs.Presences, new() { Capacity = window }),
                new()
                {
                    Averaging = run.Mode.Barrier ? Averaging.None : Averaging.Polynomial(),    // there a version is a mean of all
                    Lease = run.Continuous ? 3 * HeartbeatEvery : null,
                    Epoch = run.AggregatorEpoch,
                    Restore = run.AggregatorEpoch == 0 ? null : RestoreWithin,
                });
        if (run.AggregatorEpoch > 0)
        {
            versions.ControlledBy(p.Subscribe(edge.Control, Down(run, Everybody, "model"), LearningCodecs.Weights).Take());
        }

        HearOfConnections(p, edge, versions);
        versions.PublishTo(edge.Control, new(Down(run, "{device}", "model")), LearningCodecs.Weights, w => w.Recipient!);
        receipts.PublishTo(edge.Control, new(Down(run, "{device}", "receipt")), LearningCodecs.Receipts, r => r.Device);
        rounds.Made().Publish(edge.Control, Down(run, Everybody, "model"), LearningCodecs.Weights, retain: true);
        rounds.ForEach("watch", watch.Add);
    });

    /// <summary>The windows of the unseen, or of anybody, without faults: what the model is judged by.</summary>
    internal static Flow<Batch> Windows(PipelineBuilder p, FleetSource source, string name) =>
        Windows(source.Open(p, name, Playback.Plain).DropNonFinite(), source);

    /// <summary>True for a block up to the window, and the window itself: what the row ledger counts. The sources are not among
    /// them.</summary>
    internal static bool IsUpToWindow(string block) =>
        RowBlocks.Contains(block) || FaultBlocks.Any(b => block.StartsWith(b, StringComparison.Ordinal));

    /// <summary>Updates that make a version: with a barrier one of each device that can have data, else up to ten.</summary>
    internal static int UpdatesPerVersion(FleetRun run)
    {
        var sound = run.Source.Devices.Where((name, i) => !run.Scenario.FaultsOf(name, i).Any()).Count();
        return Math.Clamp(sound, 1, run.Mode.Barrier ? int.MaxValue : MaxBuffered);
    }

    /// <summary>Lets the block of an output hear of the connections of its participant.</summary>
    private static void HearOfConnections<T>(PipelineBuilder p, EdgeLink edge, Flow<T> output)
        where T : class
    {
        output.ControlledBy(p.Connections(edge.Data).Named("data link"));
        if (edge.Control != edge.Data) { output.ControlledBy(p.Connections(edge.Control).Named("control link")); }
    }

    private static string Down(FleetRun run, string device, string kind) => $"{run.Topics}/{AggregatorName}/down/{device}/{kind}";

    private static Flow<Batch> Windows(PipelineBuilder p, FleetRun run, DeviceLife life, EdgeLink edge)
    {
        var play = PlaybackOf(run, life);
        Topic topic = $"{run.Topics}/{Topic.Escape(life.Name)}/rows";
        var link = edge.Rows ?? new LoopbackTransport("inside");
        var measured = Measure(p, run, life, play).Buffer(BatchesSent);
        if (edge.Rows is not null) { measured = measured.EndWithEmpty(); }
        measured.Publish(link, topic, ArrowCodec.Batches).Named(SendsRows);
        var rows = p.Subscribe(link, topic, ArrowCodec.Batches,
            new() { Capacity = edge.Rows is null ? BatchesSent : BatchesOverServer, EndsOnEmpty = true }, run.Source.Schema)
            .Named(TakesRows);
        var (good, faulty) = rows.Buffer(BatchesTaken).CheckQuality(new()
        {
            Clock = run.FullSpeed ? EventClock.FullSpeed : new() { Start = play.Start, SpeedUp = play.Speed },
            Stuck = run.Source.StuckRows ? new CheckQualityOptions().Stuck : Timeout.InfiniteTimeSpan,
            DropFaulty = true,
        });
        faulty.Discard();
        return Windows(good, run.Source);
    }

    /// <summary>What the sensor of a device measures, with its faults.</summary>
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

    /// <summary>What the model takes, of windows that overlap by half.</summary>
    private static Flow<Batch> Windows(Flow<Batch> rows, FleetSource source) =>
        source.Prepare(rows.Window(source.WindowSamples, source.WindowSamples / 2, new() { Segment = source.Segment }));

    /// <summary>A device that starts anew goes on where its stream is by then.</summary>
    private static Playback PlaybackOf(FleetRun run, DeviceLife life)
    {
        var speed = run.Mode.ReplaySpeed;
        var played = life.At * speed;
        var turn = (run.Scenario.PhaseOf(life.Name, run.Seed)
            + (played.TotalSeconds * run.Source.RowsPerSecond / Math.Max(1, run.Source.RowsOf(life.Name)))) % 1;
        return new(speed, turn, FleetSource.Start + played, run.Continuous);
    }
}
