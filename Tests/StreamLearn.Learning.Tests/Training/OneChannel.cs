namespace StreamLearn.Learning.Tests;

/// <summary>A model of one channel and two classes, rows for it, and a probe of a block that trains it or another.</summary>
internal static class OneChannel
{
    internal static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());
    internal static readonly SoftmaxRegression Model = new(1, 2, seed: 1);
    internal static OperatorProbe Probe(TrainOptions options) => Probe(Model, options);

    internal static OperatorProbe Probe(IModel model, TrainOptions options, bool guard = true) => OperatorProbe.From<Batch>(
        (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), options)), Rows, guard: guard);

    /// <summary>A version that answers 1 for x above 0, and knows its scale.</summary>
    internal static Weights Signs(long version, params Directive[] directives) => new()
    {
        Version = version,
        SchemaHash = Model.Plan.SchemaHash,
        Values = [0, 1, -1, 1, 0, 0],
        Scale = new(2, [0], [1]),
        Directives = [.. directives],
    };

    /// <summary>Sends rows, of class 1 if nothing else is said.</summary>
    internal static void Send(OperatorProbe probe, float[] x, int[]? labels = null) =>
        probe.Send(Batches.Of(probe.Pool, Rows, x, labels ?? [.. x.Select(static _ => 1)]));

    /// <summary>Sends 50 batches, and allocates nothing itself.</summary>
    internal static void SendMany(OperatorProbe probe)
    {
        for (var i = 0; i < 50; i++)
        {
            var batch = probe.Pool.Rent(Rows, 4);
            batch["x"].Writable<float>().Fill(i);
            batch["label"].Writable<int>().Fill(i & 1);
            probe.Send(batch);
        }
    }
}
