namespace StreamLearn.Learning.Tests;

/// <summary>Running statistics in training on a device.</summary>
public sealed class TrainStatisticsTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());

    [Theory, InlineData(0), InlineData(1e-9f)]
    public void Statistics_move_with_every_step_and_travel_as_differences(float proximal)
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(
            new MeanModel(), p.Input<Weights>("models"), new()
            {
                StartAfterRows = 1,
                BatchRows = 1,
                BufferRows = 1,
                StepsPerUpdate = 3,
                Proximal = proximal,
                Optimizer = new Sgd(0.5f),
            })), Rows);
        probe.Control(Version(new(2, [0], [1])));
        foreach (var x in (float[])[2, 4, 8]) { probe.Send(Batches.Of(probe.Pool, Rows, new[] { x }, new int[] { 1 })); }
        // the mean: (10+2)/2 = 6, (6+4)/2 = 5, (5+8)/2 = 6.5; the counter is its version's
        Assert.Equal([0f, 0, -3.5f, 0, 0], probe.Take<WeightDelta>().Values);
    }

    /// <summary>When the rows are as many as those before, or 1,024; all are told in the end.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Spared_moments_wait_until_they_count_and_none_is_lost(bool spares)
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.Train(
            new MeanModel(), p.Input<Weights>("models"),
            new() { StartAfterRows = 1, BatchRows = 1, BufferRows = 4, StepsPerUpdate = 1, SparesMoments = spares })), Rows);
        List<long> counts = [];
        for (var row = 0; row < 4000; row++)
        {
            if (row == 3) { probe.Control(Version(new(2, [0], [1]))); }
            probe.Send(Batches.Of(probe.Pool, Rows, new[] { 1f }, new int[] { 1 }));
            counts.AddRange(probe.TakeAll<WeightDelta>().Select(static u => u.Moments?.Count ?? 0));
        }

        probe.Complete();
        counts.AddRange(probe.TakeAll<WeightDelta>().Select(static u => u.Moments?.Count ?? 0));
        Assert.Equal(4000, counts.Sum());
        if (!spares) { Assert.All(counts[..^1], static count => Assert.Equal(1, count)); }
        else { Assert.Equal([1, 1, 1, 3, 6, 12, 24, 48, 96, 192, 384, 768, 1024, 1024, 416], counts.Where(static c => c > 0)); }
    }

    [Fact]
    public void The_scale_is_no_statistic_that_travels()
    {
        var plan = new MeanModel().Plan;
        Assert.Equal(["mean"], plan.Statistics.Select(s => s.Name));
    }

    private static Weights Version(ChannelMoments scale) => new()
    {
        Version = 1,
        SchemaHash = new MeanModel().Plan.SchemaHash,
        Values = [0, 1, 10, 7, 0],
        Scale = scale,
    };

    /// <summary>A scale, a running mean of the rows, a counter, and a value whose gradient is 0.</summary>
    private sealed class MeanModel : IModel
    {
        public ModelPlan Plan { get; } = new(
            new(1), 2, 1,
            [
                (ModelPlan.ScaleMean, SliceKind.Statistic, 1), (ModelPlan.ScaleInverse, SliceKind.Statistic, 1),
                ("mean", SliceKind.Statistic, 1), ("count", SliceKind.Counter, 1), ("value", SliceKind.Trained, 1),
            ]);

        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0, 1, 0, 0, 0] };

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            weights.CopyTo(gradients);
            gradients[2] = (weights[2] + batch.Features[0]) / 2;
            (gradients[3], gradients[4]) = (99, 0);
            return 1;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();
    }
}
