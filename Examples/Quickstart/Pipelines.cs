using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Simulated;

namespace Quickstart;

/// <summary>The two pipelines of the fleet, functions of the transport: the same in simulation, on threads and over a server.</summary>
internal static class Pipelines
{
    private const string AggregatorName = "aggregator";
    private const int BatchesWaiting = 64;

    internal static RunPipelines Both { get; } = new(Sensor, Aggregator);

    /// <summary>Measures, checks rows, cuts windows, trains and sends weight deltas; receives versions and receipts.</summary>
    private static Pipeline Sensor(FleetRun run, DeviceLife life, ITransport edge, FleetWatch watch) => Pipeline.Define(life.Name, p =>
    {
        var (name, up, down) = (Topic.Escape(life.Name), $"{run.Topics}/{Topic.Escape(life.Name)}/up",
            $"{run.Topics}/{AggregatorName}/down/{Topic.Escape(life.Name)}");
        var (good, faulty) = FleetSettings.Measure(p, run, life).Buffer(BatchesWaiting).CheckQuality(FleetSettings.Quality(run, life));
        faulty.Discard();

        var models = p.Subscribe(edge, $"{down}/model", LearningCodecs.Weights);
        var windows = run.Source.Windows(good);
        var receipts = p.Subscribe(edge, $"{down}/receipt", LearningCodecs.Receipts);
        var (deltas, evaluations, presences) = windows.Train(run.Network, models, receipts, FleetSettings.Training(run, life));
        deltas.ControlledBy(p.Connections(edge).Named("data link"));
        deltas.Publish(edge, $"{up}/delta", new CountedDeltas(watch));
        evaluations.ForEach("watch", watch.Add);
        if (FleetSettings.HeartbeatEvery(run) is { } every) { presences = presences.Merge(p.Heartbeat(null, every, life.Epoch)); }
        presences.Publish(edge, $"{up}/presence", LearningCodecs.Presences);
    });

    /// <summary>Makes versions from the devices' updates, and answers each update with a receipt.</summary>
    private static Pipeline Aggregator(FleetRun run, ITransport edge, FleetWatch watch) => Pipeline.Define(AggregatorName, p =>
    {
        var window = new SubscribeOptions { Capacity = Math.Clamp(FleetSettings.WindowOf(run), 1, ushort.MaxValue) };
        var updates = p.Subscribe(edge, $"{run.Topics}/{{device}}/up/delta", LearningCodecs.DeltasOf(run.Network.Plan), window);
        var presences = p.Subscribe(edge, $"{run.Topics}/{{device}}/up/presence", LearningCodecs.Presences, window);
        var (versions, rounds, receipts) =
            updates.Aggregate(run.Network, FleetSettings.StrategyOf(run), presences, FleetSettings.Rules(run));
        versions.ControlledBy(p.Connections(edge).Named("data link"));
        versions.PublishTo(edge, new($"{run.Topics}/{AggregatorName}/down/{{device}}/model"), LearningCodecs.Weights, w => w.Recipient!);
        receipts.PublishTo(edge, new($"{run.Topics}/{AggregatorName}/down/{{device}}/receipt"), LearningCodecs.Receipts, r => r.Device);
        rounds.ForEach("watch", watch.Add);
    });
}
