using StreamLearn.Nodes;

namespace StreamLearn.Programs;

internal static class AggregatorSplit
{
    internal static Flow<WeightDelta> Serve(PipelineBuilder p, AggregatorOptions aggregator, SplitFleetOptions split, EdgeLink link)
    {
        var (topics, model) = (aggregator.Topics, (Network)aggregator.Model);
        var window = Math.Clamp(2 * split.Serving.Training.MaxDevices, 4, ushort.MaxValue);
        var mismatches = new SplitMismatches(split);
        var sent = p.Subscribe(link.Data, topics.Activations, mismatches.Codec, new() { Capacity = window });
        sent.ForEach("batches", mismatches.Look);
        // versions return over the server, as they do for devices: a pipeline has no cycles
        var versions = p.Subscribe(link.Control, topics.Newest, LearningCodecs.Weights).Named("versions");
        Flow<SplitPlan>? plans = null;
        if (split.Planning is { } planning)
        {
            var links = p.Subscribe(link.Control, topics.Links, NodesCodecs.LinkEstimates);
            (plans, var reports) = sent.PlanSplits(LayerCosts.Of(model), links, planning);
            reports.ForEach("plans", split.OnPlan);
            p.Subscribe(link.Control, topics.Probes, NodesCodecs.LinkProbes).EchoProbes()
                .PublishTo(link.Control, topics.Echoes, NodesCodecs.LinkProbes, static probe => probe.Device);
        }

        var (gradients, updates, moves) = sent.ServeSplit(model, versions, split.Serving, plans);
        gradients.PublishTo(link.Control, topics.Gradients, Boundary.Back(split.HasBytes), static answer => answer.Device);
        gradients.ForEach("splits", answer =>
        {
            if (answer.Begins is not null) { split.OnSplit(answer.Device, answer.Split); }
        });
        moves.Discard();
        return updates;
    }
}
