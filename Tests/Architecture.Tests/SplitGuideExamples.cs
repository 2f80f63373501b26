using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/split-training.md.</summary>
internal static class SplitGuideExamples
{
    internal static Pipeline Device(Network network, ITransport air, Schema columns) => Pipeline.Define("pump-7", p =>
    {
        var training = new SplitTrainOptions
        {
            BatchRows = 8,
            RoundBatches = 20,                                      // then it hands in its layers, and gets those of the next version
            Resources = new() { Times = LayerProfile.Measure(network, rows: 8, TimeProvider.System).Times },
        };
        var gradients = p.Subscribe(air, "down/pump-7/gradient", LearningCodecs.BoundaryGradients);
        var (sent, reports) = p.Input<Batch>("rows", columns, maxRows: 32)
            .SplitTrain(network, split: network.Layers.Length, gradients, options: training);
        sent.Publish(air, "up/activation", LearningCodecs.Activations);
        reports.ForEach("reports", Console.WriteLine);

        var (probes, link) = p.Subscribe(air, "down/pump-7/echo", NodesCodecs.LinkProbes).ProbeLink();
        probes.Publish(air, "up/probe", NodesCodecs.LinkProbes);
        link.Publish(air, "up/link", NodesCodecs.LinkEstimates);
    });

    internal static Pipeline Edge(Network network, ITransport air) => Pipeline.Define("edge", p =>
    {
        var sent = p.Subscribe(air, "up/activation", LearningCodecs.Activations);
        var (plans, planned) = sent.PlanSplits(LayerCosts.Of(network), p.Subscribe(air, "up/link", NodesCodecs.LinkEstimates), new()
        {
            Planner = new AresJoint(),
            Server = new("edge") { Times = LayerProfile.Measure(network, rows: 8, TimeProvider.System).Times },
            Objective = new() { BatchRows = 8 },
        });
        planned.ForEach("plans", Console.WriteLine);                // link of pump-7: pump-7 2, pump-8 4
        p.Subscribe(air, "up/probe", NodesCodecs.LinkProbes).EchoProbes()
            .PublishTo(air, "down/{device}/echo", NodesCodecs.LinkProbes, probe => probe.Device);

        var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
        var (gradients, updates, moves) = sent.ServeSplit(network, versions, new() { Training = new() { BatchRows = 8 } }, plans);
        gradients.PublishTo(air, "down/{device}/gradient", LearningCodecs.BoundaryGradients, answer => answer.Device);
        moves.Discard();                                            // there is one edge
        var (made, rounds) = updates.Aggregate(network, new FedAvg(1));
        made.Publish(air, "versions", LearningCodecs.Weights);
        rounds.ForEach("rounds", Console.WriteLine);
    });
}
