namespace StreamLearn.Fleets.Tests;

/// <summary>Updates of a model with one feature and two classes, and a probe of the block that takes them.</summary>
internal static class Updates
{
    internal static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    /// <summary>An update whose trained values are all the same.</summary>
    internal static WeightDelta Of(
        string device, long sequence, float value, long baseVersion = 0, int samples = 16, bool leaving = false) => new()
        {
            Device = device,
            Epoch = 1,
            Sequence = sequence,
            BaseVersion = baseVersion,
            Samples = samples,
            SchemaHash = Model.Plan.SchemaHash,
            Values = [0, 0, value, value, value, value],
            Steps = samples == 0 ? 0 : 4,
            Leaving = leaving,
        };

    internal static OperatorProbe Probe(Strategy strategy, AggregateOptions? options = null, bool controlled = false) =>
        OperatorProbe.From<WeightDelta>((p, flow) =>
        {
            var fork = flow.Aggregate(Model, strategy, options);
            OperatorProbe.Use(controlled ? fork.ControlledBy(p.Input<Presence>("presences")) : fork);
        });

    /// <summary>Sends an update.</summary>
    /// <returns>How many versions it made.</returns>
    internal static int Made(this OperatorProbe probe, WeightDelta update)
    {
        probe.Send(update);
        return probe.TakeAll<Weights>().Count;
    }

    /// <summary>What was added to the initial weights.</summary>
    internal static float[] Moved(Weights version) => [.. version.Values.Skip(2).Select((value, i) => value - Model.Initial.Values[2 + i])];
}
