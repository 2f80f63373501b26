using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Mqtt;

namespace Quickstart.Tests;

/// <summary>The code of docs/fleet.md, so that it is compiled. A test holds both texts together.</summary>
internal static class FleetGuideExamples
{
    internal static Pipeline Device(Uri server, IModel model, long start)
    {
        var link = new MqttTransport(new() { Server = server });            // it publishes when it is subscribed to the answers

        var device = Pipeline.Define("pump-7", p =>
        {
            var models = p.Subscribe(link, "sl/line-2/edge/down/pump-7/model", LearningCodecs.Weights);
            var receipts = p.Subscribe(link, "sl/line-2/edge/down/pump-7/receipt", LearningCodecs.Receipts);
            var (updates, evaluations, presences) = Rows(p).Train(model, models, receipts, new() { Epoch = start });

            updates.ControlledBy(p.Connections(link));                      // a session that was lost is noticed at once
            updates.Publish(link, "sl/line-2/pump-7/up/delta", LearningCodecs.Deltas);
            presences.Merge(p.Heartbeat(epoch: start)).Publish(link, "sl/line-2/pump-7/up/presence", LearningCodecs.Presences);
            evaluations.ForEach("score", e => Console.WriteLine(e.Accuracy));
        });
        return device;
    }

    internal static Pipeline Aggregator(ITransport data, ITransport control, IModel model)
    {
        const int Buffered = 10, Devices = 20, UnderWay = 2;

        var edge = Pipeline.Define("edge", p =>
        {
            var presences = p.Subscribe(control, "sl/line-2/+/up/presence", LearningCodecs.Presences);
            var (versions, rounds, receipts) = p
                .Subscribe(data, "sl/line-2/+/up/delta", LearningCodecs.Deltas, new() { Capacity = Buffered + (UnderWay * Devices) })
                .Aggregate(model, new FedBuff(Buffered) { Staleness = new PolynomialStaleness(1) }, presences,
                    new() { Lease = TimeSpan.FromSeconds(30) });

            versions.PublishTo(control, new("sl/line-2/edge/down/{device}/model"), LearningCodecs.Weights, v => v.Recipient!);
            receipts.PublishTo(control, new("sl/line-2/edge/down/{device}/receipt"), LearningCodecs.Receipts, r => r.Device);
            rounds.Made().Publish(control, "sl/line-2/edge/down/all/model", LearningCodecs.Weights, retain: true);
            rounds.ForEach("round", r => Console.WriteLine($"version {r.Version} of {r.Contributions.Length} updates"));
        });
        return edge;
    }

    private static Flow<Batch> Rows(PipelineBuilder p) => Pipelines.Windows(
        p, FleetSource.From(new() { Devices = 1 }), FleetSource.From(new() { Devices = 1 }).Devices[0]);
}
