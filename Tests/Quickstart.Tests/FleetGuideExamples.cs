using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Mqtt;
using StreamLearn.Operators;

namespace Quickstart.Tests;

/// <summary>The code of docs/fleet.md, so that it is compiled. A test holds both texts together.</summary>
internal static class FleetGuideExamples
{
    internal static MqttTransport Open(Uri server)
    {
        var link = new MqttTransport(new() { Server = server });

        return link;
    }

    internal static Pipeline Device(string name, PumpRowsOptions rows, IModel model, ITransport link) => Pipeline.Define(name, p =>
    {
        var models = p.Subscribe(link, $"sl/line-2/edge/down/{name}/model", LearningCodecs.Weights);
        var receipts = p.Subscribe(link, $"sl/line-2/edge/down/{name}/receipt", LearningCodecs.Receipts);
        var (updates, evaluations, presences) = p
            .From("rows", rows, (PumpRowsOptions o, OperatorContext c) => new PumpRows(o, c), PumpRows.Columns)
            .Train(model, models, receipts);

        updates.ControlledBy(p.Connections(link));                      // a lost session is noticed at once
        updates.Publish(link, $"sl/line-2/{name}/up/delta", LearningCodecs.Deltas);
        if (rows.Count is null) { presences = presences.Merge(p.Heartbeat()); }
        presences.Publish(link, $"sl/line-2/{name}/up/presence", LearningCodecs.Presences);
        evaluations.ForEach("score", e => Console.WriteLine(e));
    });

    internal static Pipeline Aggregator(IModel model, ITransport data, ITransport control, Action<Round> ended, bool restore = true)
    {
        const int Buffered = 4, Devices = 2, UnderWay = 2;

        return Pipeline.Define("edge", p =>
        {
            var presences = p.Subscribe(control, "sl/line-2/+/up/presence", LearningCodecs.Presences);
            var (versions, rounds, receipts) = p
                .Subscribe(data, "sl/line-2/+/up/delta", LearningCodecs.Deltas, new() { Capacity = Buffered + (UnderWay * Devices) })
                .Aggregate(model, new FedBuff(Buffered) { Staleness = new PolynomialStaleness(1) }, presences,
                    new() { Lease = TimeSpan.FromSeconds(30), Restore = restore ? TimeSpan.FromSeconds(2) : null });
            if (restore)
            {
                versions.ControlledBy(p.Subscribe(control, "sl/line-2/edge/down/all/model", LearningCodecs.Weights).Take());
            }

            versions.PublishTo(control, new("sl/line-2/edge/down/{device}/model"), LearningCodecs.Weights, v => v.Recipient!);
            receipts.PublishTo(control, new("sl/line-2/edge/down/{device}/receipt"), LearningCodecs.Receipts, r => r.Device);
            rounds.Made().Publish(control, "sl/line-2/edge/down/all/model", LearningCodecs.Weights, retain: true);
            rounds.ForEach("rounds", ended);
        });
    }
}

internal sealed record PumpRowsOptions(string Pump, int? Count);

internal sealed class PumpRows(PumpRowsOptions options, OperatorContext context) : Source<Batch>
{
    internal static readonly Schema Columns = new(
        Field.Channel("vibration", new("m/s2")), Field.Channel("temperature", new("Cel")), Field.Label());

    private readonly DateTimeOffset _start = context.Now;
    private int _made;

    public override DateTimeOffset? NextAt => _made == options.Count ? null : _start + (_made * TimeSpan.FromMilliseconds(1));

    public override Batch Next()
    {
        _made++;
        var batch = context.Pool.Rent(Columns, rows: 4);
        var vibration = batch["vibration"].Values<float>();
        var temperature = batch["temperature"].Values<float>();
        var label = batch["label"].Values<int>();
        for (var i = 0; i < batch.Rows; i++)
        {
            label[i] = context.Random.NextInt32(2);
            vibration[i] = (float)(2 + (3 * label[i]) + context.Random.NextGaussian());
            temperature[i] = (float)(60 + (8 * label[i]) + (4 * context.Random.NextGaussian()));
        }

        return batch;
    }
}
