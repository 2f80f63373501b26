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
        probe.Control(new Weights
        {
            Version = 1,
            SchemaHash = new MeanModel().Plan.SchemaHash,
            Values = [0, 1, 10, 7, 0],
            Scale = new(2, [0], [1]),
        });
        foreach (var x in (float[])[2, 4, 8]) { probe.Send(Batches.Of(probe.Pool, Rows, new[] { x }, new int[] { 1 })); }
        // the mean: (10+2)/2 = 6, (6+4)/2 = 5, (5+8)/2 = 6.5; the counter is its version's
        Assert.Equal([0f, 0, -3.5f, 0, 0], probe.Take<WeightDelta>().Values);
    }

    [Fact]
    public void The_scale_is_no_statistic_that_travels()
    {
        var plan = new MeanModel().Plan;
        Assert.Equal(["mean"], plan.Statistics.Select(s => s.Name));
    }

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
