using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace FleetProcess;

/// <summary>The two pipelines of the fleet. Each writes a ledger: a message on a topic of its own, sent when a checkpoint holds it.</summary>
internal static class FleetPipelines
{
    /// <summary>The ledgers of all.</summary>
    internal const string Ledgers = "sl/har/+/up/ledger";

    /// <summary>The model in use, retained.</summary>
    internal const string InUse = "sl/har/edge/down/all/model";

    /// <summary>The updates of all sensors.</summary>
    internal const string Updates = "sl/har/+/up/delta";

    /// <summary>What sensors say of themselves.</summary>
    internal const string Presences = "sl/har/+/up/presence";

    private const int UpdatesUnderWay = 2;
    private const int UpdatesInRound = 2;
    private const int MaxSensors = 16;
    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };

    /// <summary>The model, the same in every process.</summary>
    internal static Network Model() => HarNetwork.Create(seed: 42);

    /// <summary>A sensor: it learns from its windows, and writes down each update that it makes.</summary>
    internal static Pipeline Sensor(string name, WindowRowsOptions windows, ITransport link) => Pipeline.Define(name, p =>
    {
        var models = p.Subscribe(link, $"sl/har/edge/down/{name}/model", LearningCodecs.Weights);
        var receipts = p.Subscribe(link, $"sl/har/edge/down/{name}/receipt", LearningCodecs.Receipts);
        var (updates, scores, presences) = p.From("windows", windows, WindowRows.Open, WindowRows.Schema)
            .Train(Model(), models, receipts, new()
            {
                Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
                Buffer = BufferKind.ClassBalanced,
                BufferRows = 128,
                AdjustLogits = true,
                Announce = true,
                Credit = new() { Updates = UpdatesUnderWay },
            });
        updates.ControlledBy(p.Connections(link));
        updates.Publish(link, $"sl/har/{name}/up/delta", LearningCodecs.Deltas);
        updates.Map("made", LedgerText.Made).Publish(link, $"sl/har/{name}/up/ledger", LedgerText.Codec, WithCheckpoint);
        presences.Publish(link, $"sl/har/{name}/up/presence", LearningCodecs.Presences);
        scores.Discard();
    });

    /// <summary>The aggregator: it writes down each update that it takes, and each round.</summary>
    internal static Pipeline Aggregator(string name, ITransport link) => Pipeline.Define(name, p =>
    {
        var updates = p.Subscribe(link, Updates, LearningCodecs.Deltas,
            new() { Capacity = UpdatesInRound + (UpdatesUnderWay * MaxSensors) });
        var (versions, rounds, receipts) = updates.Aggregate(Model(), new FedBuff(UpdatesInRound) { Staleness = Staleness.Polynomial(1) },
            p.Subscribe(link, Presences, LearningCodecs.Presences));
        versions.ControlledBy(p.Connections(link));
        versions.PublishTo(link, new("sl/har/edge/down/{device}/model"), LearningCodecs.Weights, static v => v.Recipient!);
        receipts.PublishTo(link, new("sl/har/edge/down/{device}/receipt"), LearningCodecs.Receipts, static r => r.Device);
        rounds.Averaged().Publish(link, InUse, LearningCodecs.Weights, retain: true);
        updates.Map("took", LedgerText.Took).Merge(rounds.Map("rounds", LedgerText.Ended))
            .Publish(link, $"sl/har/{name}/up/ledger", LedgerText.Codec, WithCheckpoint);
    });
}
