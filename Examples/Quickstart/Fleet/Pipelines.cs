using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Operators;

namespace Quickstart;

/// <summary>The two pipelines of the fleet. Each is a function of its transport: the same in the simulation and in the dataflow
/// host.</summary>
internal static class Pipelines
{
    /// <summary>The aggregator's name.</summary>
    internal const string AggregatorName = "aggregator";

    /// <summary>The blocks up to the window: what the row ledger counts.</summary>
    internal static readonly string[] RowBlocks = ["drop-non-finite", "window"];

    private const string ModelTopic = "sl/quickstart/aggregator/down/model";

    /// <summary>The rows of one name as features: what devices learn from and what the model is judged by.</summary>
    internal static Flow<Batch> Features(PipelineBuilder p, FleetSource source, string name) => source.Open(p, name)
        .DropNonFinite()
        .Window(samples: 128, hop: 64, new() { Segment = source.Segment })
        .MeanDeviation();

    internal static Pipeline Sensor(string device, FleetSource source, IModel model,
        QuickstartOptions options, ITransport edge, FleetWatch watch) => Pipeline.Define(device, p =>
    {
        var models = p.Subscribe(edge, ModelTopic, LearningCodecs.Weights);

        var (deltas, evaluations) = Features(p, source, device).Train(model, models, new()
        {
            Optimizer = new Sgd(LearningRate: 0.05f, Momentum: 0.9f, ClipNorm: 2),
            StepsPerRow = 3,
            StepsPerUpdate = 4,
            Pace = options.Aggregation == AggregationKind.FedAvg ? TrainPace.LockStep : TrainPace.Free,
        });

        deltas.Buffer(capacityMessages: 1).Publish(edge, $"sl/quickstart/{device}/up/delta", LearningCodecs.Deltas);
        evaluations.ForEach("watch", watch.Add);
    });

    internal static Pipeline Aggregator(FleetSource source, IModel model, QuickstartOptions options,
        ITransport edge, TestRows test, FleetWatch watch) => Pipeline.Define(AggregatorName, p =>
    {
        Strategy strategy = options.Aggregation == AggregationKind.FedAvg
            ? new FedAvg(source.Devices.Length)
            : new FedBuff(Math.Min(10, source.Devices.Length));

        var (versions, rounds) = p
            .Subscribe(edge, "sl/quickstart/+/up/delta", LearningCodecs.Deltas, new() { Capacity = 4 })
            .Buffer(capacityMessages: 4)                // few updates wait, so few are stale: a device waits instead
            .Aggregate(model, strategy);

        versions.Publish(edge, ModelTopic, LearningCodecs.Weights, retain: true);
        rounds.Examine(model, test, watch);
    });
}
