namespace StreamLearn.Fleets.Tests;

/// <summary>What sites tell each other, in tests of a single one.</summary>
internal static class SiteMessages
{
    /// <summary>The update of a site's clock, in its first start.</summary>
    internal static WeightDelta Update(IModel model, string site, long clock, params float[] change) => new()
    {
        Device = site,
        Epoch = 1,
        Sequence = clock,
        BaseVersion = clock,
        Samples = 32,
        Steps = 1,
        SchemaHash = model.Plan.SchemaHash,
        Values = [.. change],
    };

    /// <summary>A site that takes updates and signals.</summary>
    internal static OperatorProbe Probe(IModel model, ReplicatedModelOptions options) => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.ReplicateWithSignals(model, p.Input<WeightDelta>("others"), p.Input<SiteSignal>("signals"), options)));
}
