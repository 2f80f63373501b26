using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Aggregator;

/// <summary>Training of the last layers of devices with <c>learn.split</c>.</summary>
internal sealed record SplitFleetConfig(Planner? Planner, double Alpha, double Rate, double Momentum, int Batch, bool HasBytes)
{
    private const string Edge = FleetTopics.Aggregator;

    internal static SplitFleetConfig Read(ConfigMap map) => new(
        map["planner", "plans for all devices; each; each by time; by [a learned agent](../guides/split-training.md#a-planner-that-learns)"]
            .Word<Planner?>([.. Planners.Known, ("fedadapt", null)]).Or(Planners.Known[0].Planner),
        map["alpha", "weight of time against energy (`watts`); 1: time alone. `greedy`, `fedadapt`: only whether to change plans"]
            .Number(0, 1).Or(0.5),
        SplitKeys.RateOf(map, "learning rate, as the devices'").Or(0.05), SplitKeys.MomentumOf(map, "as the devices'").Or(0.9),
        (int)SplitKeys.BatchOf(map, "as the devices'").Or(16),
        map["boundary", "as the devices' `exchange.boundary`"].Word(("float32", false), ("int8", true)).Or(false));

    private SplitTrainOptions Training => new()
    {
        Optimizer = new Sgd((float)Rate, (float)Momentum, ClipNorm: float.PositiveInfinity),
        BatchRows = Batch,
    };

    private Objective Objective => new()
    {
        Alpha = Alpha,
        BatchRows = Batch,
        BytesPerValue = HasBytes ? 1 : 4,
        BytesPerGradient = HasBytes ? 1 : 4,
        OptimizerValues = Training.Optimizer.StateValues,
    };

    /// <summary>Trains a planner that learns; <paramref name="say"/>: called if it takes long.</summary>
    internal SplitFleetConfig Learned(Network model, TimeProvider time, Action<string> say) => Planner is not null ? this
        : this with { Planner = FedAdaptStart.Learn(LayerCosts.Of(model), Objective, time, say) };

    internal SplitFleetOptions Options(Network model, int devices) => new(new() { Training = Training with { MaxDevices = devices } })
    {
        HasBytes = HasBytes,
        Planning = new()
        {
            Planner = Planner ?? FedAdaptStart.Untrained(LayerCosts.Of(model), Objective),
            Server = new(Edge) { Times = LayerProfile.Measure(model, Batch, TimeProvider.System).Times },
            Objective = Objective,
            MaxDevices = devices,
        },
    };
}
