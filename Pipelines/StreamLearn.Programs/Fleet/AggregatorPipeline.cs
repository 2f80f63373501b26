using StreamLearn.Fleets;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>The edge pipeline: makes model versions from device updates.</summary>
/// <remarks>It depends only on its transports: it is the same in simulation, on real threads and over a server.</remarks>
internal static class AggregatorPipeline
{
    private const int MaxPresenceBytes = 4 << 10;
    private const int Requests = 256;

    private const int Pieces = 64;
    private const int Offers = 2;       // one is requested at a time
    private const int PieceHead = 1 << 10;      // maximum header bytes

    private static readonly PublicationOptions WithCheckpoint = new() { WithCheckpoint = true };

    /// <summary>Returns the blocks that restart at each start: readers of retained messages and their publication. The newest version is
    /// republished once the server has answered.</summary>
    public static ImmutableArray<string> OfEachStart(AggregatorOptions aggregator)
    {
        var newest = aggregator.Topics.Newest;
        return aggregator.ResumesFromRetained ? [$"subscribe {newest}", "take", $"publish {newest}"] : [];
    }

    /// <summary>Returns the size in bytes of an update with values, an estimate of each, and moments.</summary>
    private static int MaxUpdateBytes(IModel model) => (int)Math.Min(int.MaxValue,
        (2L * sizeof(float) * model.Plan.Values) + (2L * sizeof(double) * model.Plan.Input.Channels) + (8 << 10));

    private static int WindowOf(AggregatorOptions aggregator) => Math.Clamp(aggregator.Window, 1, ushort.MaxValue);

    public static Pipeline Create(AggregatorOptions aggregator, EdgeLink link) => Pipeline.Define(FleetTopics.Aggregator, p =>
    {
        var (topics, window) = (aggregator.Topics, WindowOf(aggregator));
        var model = aggregator.Model;
        var updates = p.Subscribe(link.Data, topics.Deltas, LearningCodecs.DeltasOf(model.Plan),
                new() { Capacity = window, MaxPayloadBytes = MaxUpdateBytes(model) })
            .Named(topics.DeltasBlock);
        var presences = p.Subscribe(link.Control, topics.Presences, LearningCodecs.Presences,
                new() { Capacity = window, MaxPayloadBytes = MaxPresenceBytes })
            .Named(topics.PresencesBlock);
        if (aggregator.Check is { } check) { CompareModels.OfFleet(p, check, topics, link.Control, presences); }
        var forgotten = aggregator.OnForget is null ? null : p.Subscribe(link.Control, topics.Forgotten, ForgottenDevice.Codec);
        if (aggregator.TakesPieces) { updates = updates.Merge(InPieces(p, aggregator, link, forgotten)); }
        var all = aggregator.Split is { } split ? updates.Merge(AggregatorSplit.Serve(p, aggregator, split, link)) : updates;
        var (versions, rounds, receipts) = all.Aggregate(aggregator.Model, aggregator.Strategy,
            presences, aggregator.Rules);
        if (aggregator.RestHasBytes is { } hasBytes) { AnswerRest(p, aggregator, link, hasBytes); }
        Show(p, aggregator, link, presences, all, receipts);
        // not durable: a session would queue each version, and the next start would read the oldest
        var kept = aggregator.ResumesFromRetained
            ? p.Subscribe(link.Control, topics.Newest, LearningCodecs.Weights, new() { Durable = false }).Take() : null;
        if (kept is not null) { versions.ControlledBy(kept); }

        link.HeardBy(p, versions);
        versions.PublishTo(link.Control, topics.Models, LearningCodecs.Weights, w => w.Recipient!);
        receipts.PublishTo(link.Control, topics.Receipts, LearningCodecs.Receipts, r => r.Device);
        var made = rounds.Made();
        RetainNewest.Of(aggregator.Split is null ? made : made.Merge(EpochStart.Of(versions)), kept, link, p, aggregator.Rules)
            .Publish(link.Control, topics.Newest, LearningCodecs.Weights, retain: true);
        rounds.ForEach("watch", aggregator.OnRound);
        Steer(p, aggregator, link, versions, forgotten);
        if (aggregator.Models is { } models)
        {
            rounds.Averaged().Publish(models, topics.InUse, LearningCodecs.Weights, WithCheckpoint);
        }

        if (aggregator.Ledger is { } ledger)
        {
            all.Map("took", LedgerText.Took).Merge(rounds.Map("rounds", LedgerText.Ended))
                .Publish(ledger, topics.LedgerOf(FleetTopics.Aggregator), LedgerText.Codec, WithCheckpoint);
        }
    });

    /// <summary>Versions return over the server, as for devices.</summary>
    private static void AnswerRest(PipelineBuilder p, AggregatorOptions aggregator, EdgeLink link, bool hasBytes)
    {
        var topics = aggregator.Topics;
        var newest = p.Subscribe(link.Control, topics.Newest, LearningCodecs.Weights).Named("answering versions");
        p.Subscribe(link.Control, topics.RestRequests, Boundary.Requests(hasBytes), new() { Capacity = Requests })
            .AnswerRest((Network)aggregator.Model, newest)
            .PublishTo(link.Control, topics.Rests, NodesCodecs.RestAnswers, static answer => answer.Device);
    }

    private static void Show(PipelineBuilder p, AggregatorOptions aggregator, EdgeLink link, Flow<Presence> presences,
        Flow<WeightDelta> all, Flow<Receipt> receipts)
    {
        var (topics, classes) = (aggregator.Topics, aggregator.Model.Plan.Classes);
        if (aggregator.OnPresence is { } onPresence)
        {
            presences.ForEach("presences", p =>
            {
                if (p.TopicDevice is null) { onPresence(p); }
            });
        }

        if (aggregator.OnScore is { } onScore && classes <= DeviceScore.MaxClasses)
        {
            p.Subscribe(link.Control, topics.Scores, LearningCodecs.ScoresOf(classes),
                    new() { Capacity = WindowOf(aggregator), MaxPayloadBytes = DeviceScore.MaxBytesOf(classes) })
                .Named(topics.ScoresBlock)
                .ForEach("scores", s =>
                {
                    if (s is { TopicDevice: null, Epoch: >= 0 }) { onScore(s); }
                });
        }

        if (aggregator.OnDeviceLeft is { } onDeviceLeft)
        {
            all.ForEach("farewells", u =>
            {
                if (u is { Leaving: true, TopicDevice: null }) { onDeviceLeft(u.Device, u.Epoch); }
            });
        }

        if (aggregator.OnReceipt is { } onReceipt) { receipts.ForEach("receipts", onReceipt); }
    }

    private static void Steer(
        PipelineBuilder p, AggregatorOptions aggregator, EdgeLink link, Flow<Weights> versions, Flow<ForgottenDevice>? forgotten)
    {
        var topics = aggregator.Topics;
        if (!aggregator.Rules.Others.IsEmpty)
        {
            versions.ControlledBy(p.Subscribe(link.Control, topics.Choices, StrategyChoice.Codec));
        }

        if (forgotten is not null)
        {
            versions.ControlledBy(forgotten);
            forgotten.ForEach("forgotten", f => aggregator.OnForget!(f.Device));
        }

        // new ones must be last: a server identifies subscription sessions by their order
        versions.ControlledBy(p.Subscribe(link.Control, topics.Offers, LearningCodecs.Offers,
            new() { Capacity = Offers, Durable = false, MaxPayloadBytes = MaxUpdateBytes(aggregator.Model) }));
        if (aggregator.OnNews is not { } onNews) { return; }
        p.Subscribe(link.Control, topics.News, DeviceNews.Json,
            new() { Capacity = WindowOf(aggregator), Durable = false, MaxPayloadBytes = DeviceNews.MaxBytes })
            .ForEach("news", n =>
            {
                if (n.Device.Length > 0) { onNews(n); }
            });
    }

    private static Flow<WeightDelta> InPieces(
        PipelineBuilder p, AggregatorOptions aggregator, EdgeLink link, Flow<ForgottenDevice>? forgotten)
    {
        var (topics, model) = (aggregator.Topics, aggregator.Model);
        var most = MaxUpdateBytes(model);
        var joined = p.Subscribe(link.Data, topics.Pieces, UpdatePiece.Codec,
                new() { Capacity = Pieces, MaxPayloadBytes = SensorOptions.MaxPieceBytes + PieceHead })
            .JoinPieces(model.Plan, most, Math.Max(2L * most, 256 << 20));
        return forgotten is null ? joined : joined.ControlledBy(forgotten);
    }
}
