using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Samples;

namespace FleetProcess;

/// <summary>The two pipelines of the fleet. Each writes a ledger: messages on a topic of its own, sent when a checkpoint holds
/// them.</summary>
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

    /// <summary>Windows that an update is learned from.</summary>
    internal const int WindowsOfUpdate = 4;

    private const int UpdatesUnderWay = 2;
    private const int UpdatesInRound = 2;
    private const int MaxSensors = 16;
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };

    private const int StepsOfWindow = 4;

    /// <summary>The model, the same in every process. With one optimum, it comes to the same whatever order updates come in.</summary>
    internal static SoftmaxRegression Model { get; } = new(2 * HarNetwork.Channels, HarNetwork.Classes, seed: 1);

    /// <summary>A row of features for each window of a file.</summary>
    internal static Flow<Batch> Features(PipelineBuilder p, WindowRowsOptions windows) =>
        p.From("windows", windows, WindowRows.Open, WindowRows.Schema).MeanDeviation();

    /// <summary>A sensor: it learns from its windows, and writes down each update that it makes.</summary>
    internal static Pipeline Sensor(string name, WindowRowsOptions windows, ITransport link) => Pipeline.Define(name, p =>
    {
        var models = p.Subscribe(link, $"sl/har/edge/down/{name}/model", LearningCodecs.Weights);
        var receipts = p.Subscribe(link, $"sl/har/edge/down/{name}/receipt", LearningCodecs.Receipts);
        var (updates, scores, presences) = Features(p, windows).Train(Model, models, receipts, new()
        {
            Optimizer = new Sgd(LearningRate: 0.1f) { Schedule = Schedule.Cosine(StepsOfWindow * windows.Count) },
            BufferRows = 1024,
            BatchRows = 64,
            Buffer = BufferKind.ClassBalanced,
            AdjustLogits = true,
            Announce = true,
            StepsPerRow = StepsOfWindow,
            MaxVisits = null,
            StepsPerUpdate = StepsOfWindow * WindowsOfUpdate,
            // for want of an answer nothing is sent again, and nobody asks: what a kill loses stays lost, and all wait for it
            Credit = new() { Updates = UpdatesUnderWay, ResendAfter = Never, MaxResendDelay = Never, VersionTimeout = Never },
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
        var (versions, rounds, receipts) = updates.Aggregate(Model, new FedBuff(UpdatesInRound) { Staleness = Staleness.Polynomial(1) },
            p.Subscribe(link, Presences, LearningCodecs.Presences));
        versions.ControlledBy(p.Connections(link));
        versions.PublishTo(link, new("sl/har/edge/down/{device}/model"), LearningCodecs.Weights, static v => v.Recipient!);
        receipts.PublishTo(link, new("sl/har/edge/down/{device}/receipt"), LearningCodecs.Receipts, static r => r.Device);
        rounds.Averaged().Publish(link, InUse, LearningCodecs.Weights, retain: true);
        updates.Map("took", LedgerText.Took).Merge(rounds.Map("rounds", LedgerText.Ended))
            .Publish(link, $"sl/har/{name}/up/ledger", LedgerText.Codec, WithCheckpoint);
    });
}
