using StreamLearn.Fleets;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>The edge pipeline: makes model versions from device updates.</summary>
/// <remarks>A function of its transports: the same in simulation, on real threads and over a server.</remarks>
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
        ArgumentNullException.ThrowIfNull(aggregator);
        var newest = aggregator.Topics.Newest;
        return aggregator.ResumesFromRetained ? [$"subscribe {newest}", "take", $"publish {newest}"] : [];
    }

    /// <summary>Returns the size of an update with values, an estimate of each, and moments.</summary>
    private static int MaxUpdateBytes(IModel model) => (int)Math.Min(int.MaxValue,
        (2L * sizeof(float) * model.Plan.Values) + (2L * sizeof(double) * model.Plan.Input.Channels) + (8 << 10));

    /// <summary>Defines the pipeline.</summary>
    public static Pipeline Create(AggregatorOptions aggregator, EdgeLink link)
    {
        ArgumentNullException.ThrowIfNull(aggregator);
        ArgumentNullException.ThrowIfNull(link);
        return Pipeline.Define(FleetTopics.Aggregator, p =>
        {
            var (topics, window) = (aggregator.Topics, Math.Clamp(aggregator.Window, 1, ushort.MaxValue));
            var model = aggregator.Model;
            var updates = p.Subscribe(link.Data, topics.Deltas, LearningCodecs.DeltasOf(model.Plan),
                    new() { Capacity = window, MaxPayloadBytes = MaxUpdateBytes(model) })
                .Named(topics.DeltasBlock);
            var presences = p.Subscribe(link.Control, topics.Presences, LearningCodecs.Presences,
                    new() { Capacity = window, MaxPayloadBytes = MaxPresenceBytes })
                .Named(topics.PresencesBlock);
            if (aggregator.Check is { } check) { CompareModels.OfFleet(p, check, topics, link.Control); }
            var forgotten = aggregator.OnForget is null ? null : p.Subscribe(link.Control, topics.Forgotten, ForgottenDevice.Codec);
            if (aggregator.TakesPieces) { updates = updates.Merge(InPieces(p, aggregator, link, forgotten)); }
            var all = aggregator.Split is { } split ? updates.Merge(AggregatorSplit.Serve(p, aggregator, split, link)) : updates;
            var (versions, rounds, receipts) = all.Aggregate(aggregator.Model, aggregator.Strategy,
                presences, aggregator.Rules);
            if (aggregator.RestHasBytes is { } hasBytes)
            {
                // versions return over the server, as for devices
                var newest = p.Subscribe(link.Control, topics.Newest, LearningCodecs.Weights).Named("answering versions");
                p.Subscribe(link.Control, topics.RestRequests, Boundary.Requests(hasBytes), new() { Capacity = Requests })
                    .AnswerRest((Network)model, newest)
                    .PublishTo(link.Control, topics.Rests, NodesCodecs.RestAnswers, static answer => answer.Device);
            }

            if (aggregator.OnPresence is { } heard)
            {
                presences.ForEach("presences", p =>
                {
                    if (p.TopicDevice is null) { heard(p); }
                });
            }

            if (aggregator.OnScore is { } scored && model.Plan.Classes <= DeviceScore.MaxClasses)
            {
                p.Subscribe(link.Control, topics.Scores, LearningCodecs.ScoresOf(model.Plan.Classes),
                        new() { Capacity = window, MaxPayloadBytes = DeviceScore.MaxBytesOf(model.Plan.Classes) })
                    .Named(topics.ScoresBlock)
                    .ForEach("scores", s =>
                    {
                        if (s is { TopicDevice: null, Epoch: >= 0 }) { scored(s); }
                    });
            }

            if (aggregator.OnDeviceLeft is { } left)
            {
                all.ForEach("farewells", u =>
                {
                    if (u is { Leaving: true, TopicDevice: null }) { left(u.Device, u.Epoch); }
                });
            }

            if (aggregator.OnReceipt is { } told) { receipts.ForEach("receipts", told); }
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
            if (!aggregator.Rules.Others.IsEmpty)
            {
                versions.ControlledBy(p.Subscribe(link.Control, topics.Choices, StrategyChoice.Codec));
            }

            if (forgotten is not null)
            {
                versions.ControlledBy(forgotten);
                forgotten.ForEach("forgotten", f => aggregator.OnForget!(f.Device));
            }

            // last: a server identifies subscription sessions by their order
            versions.ControlledBy(p.Subscribe(link.Control, topics.Offers, LearningCodecs.Offers,
                new() { Capacity = Offers, Durable = false, MaxPayloadBytes = MaxUpdateBytes(model) }));
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
    }

    private static Flow<WeightDelta> InPieces(
        PipelineBuilder p, AggregatorOptions aggregator, EdgeLink link, Flow<ForgottenDevice>? forgotten)
    {
        var (topics, model) = (aggregator.Topics, aggregator.Model);
        var most = MaxUpdateBytes(model);
        var joined = p.Subscribe(link.Data, topics.Pieces, UpdatePiece.Codec,
                new() { Capacity = Pieces, MaxPayloadBytes = SensorOptions.MaxPieceBytes + PieceHead })
            .JoinPieces(new()
            {
                Plan = model.Plan,
                MaxUpdateBytes = most,
                MaxHeldBytes = Math.Max(2L * most, 256 << 20),
            });
        return forgotten is null ? joined : joined.ControlledBy(forgotten);
    }
}
