namespace StreamLearn.Learning.Tests;

/// <summary>Windows as rows of a model, in every block that takes them.</summary>
public sealed class FeatureRowsTests
{
    private static readonly Schema Rows = new(
        Field.Time(), Field.Channel("x", Unit.One), new("y", ColumnType.Float32, Unit.One, Nullable: true), Field.Label());

    [Fact]
    public void A_window_is_one_row_channel_after_channel()
    {
        var model = new WindowModel(channels: 2, samples: 3);
        using var probe = Evaluated(model);
        Send(probe, [1, 2, 3, 4, 5, 6], [-1, -2, -3, -4, -5, -6], [1, 1, 1, 0, 0, 0]);
        probe.Complete();
        Assert.Equal([1f, 2, 3, -1, -2, -3], model.Seen[0]);
        Assert.Equal([4f, 5, 6, -4, -5, -6], model.Seen[1]);
        var score = probe.Take<Evaluation>();
        Assert.Equal([0L, 1, 0, 1], score.Confusion);
        Assert.Empty(probe.Metrics.RowsDropped);
    }

    [Fact]
    public void A_batch_whose_last_window_is_not_whole_is_dropped_as_a_whole()
    {
        var model = new WindowModel(channels: 2, samples: 3);
        using var probe = Evaluated(model);
        Send(probe, [1, 2, 3, 4], [1, 2, 3, 4], [1, 1, 1, 1]);
        Send(probe, [1, 2], [1, 2], [1, 1]);
        Send(probe, [], [], []);
        Assert.Empty(model.Seen);
        Assert.Equal(new Dictionary<string, long> { ["window-length"] = 6 }, new Dictionary<string, long>(probe.Metrics.RowsDropped));
    }

    [Fact]
    public void A_window_needs_one_label_and_finite_values_and_is_counted_in_rows()
    {
        var model = new WindowModel(channels: 2, samples: 2);
        using var probe = Evaluated(model);
        Send(
            probe,
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, float.PositiveInfinity, 13, 14],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, 0, 0],
            [0, 1, 1, null, null, null, 2, 2, 1, 1, 0, 0, 1, 1]);
        probe.Complete();
        Assert.Equal(
            new Dictionary<string, long> { ["unlabelled"] = 6, ["bad-label"] = 2, ["non-finite"] = 4 },
            new Dictionary<string, long>(probe.Metrics.RowsDropped));
        Assert.Equal([13f, 14, 0, 0], Assert.Single(model.Seen));
        Assert.Equal(1, probe.Take<Evaluation>().Correct);
    }

    [Fact]
    public void An_answer_has_the_time_of_the_last_sample_and_the_label_of_all()
    {
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => rows.Infer(new WindowModel(2, 2), p.Input<Weights>("models")).Output("main"), Rows);
        Send(probe, [1, -2, float.NaN, 4, 5, 6, 7, 8, -9, -9], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 1, 1, null, 0, 0]);
        var answers = probe.Take<Batch>();
        Assert.Equal([20L, 60, 80, 100], answers["time"].Values<long>().ToArray());
        Assert.Equal([0, 1, 1, 0], answers["class"].Values<int>().ToArray());
        var labels = answers["label"];
        Assert.Equal([1, -1, -1, 0], Enumerable.Range(0, 4).Select(r => labels.IsValid(r) ? labels.Values<int>()[r] : -1));
        Assert.Equal(2, probe.Metrics.RowsDropped["non-finite"]);
    }

    [Fact]
    public void Labels_that_are_never_missing_may_be_of_windows_that_disagree()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), new Field("label", ColumnType.Int32, Unit.One));
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => rows.Infer(new WindowModel(1, 2), p.Input<Weights>("models")).Output("main"), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new float[] { 1, 2, 3, 4 }, new int[] { 1, 1, 1, 0 }));
        var labels = probe.Take<Batch>()["label"];
        Assert.Equal((true, 1, false), (labels.IsValid(0), labels.Values<int>()[0], labels.IsValid(1)));
    }

    [Fact]
    public void A_model_over_windows_takes_a_column_for_each_channel()
    {
        var problem = Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => rows.Infer(new WindowModel(3, 2), p.Input<Weights>("models")).Output("main"), Rows));
        Assert.Contains("expected 3 float32 columns, got 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_learns_windows_and_their_scale_sample_by_sample()
    {
        var model = new WindowModel(2, 2);
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"),
                new() { StartAfterRows = 2, BatchRows = 1, StepsPerUpdate = 1 })), Rows);
        Send(probe, [1, 3, 5, 7], [2, 2, 2, 2], [1, 1, 0, 0]);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((4L, 4.0, 2.0), (update.Moments!.Count, update.Moments.Mean[0], update.Moments.Mean[1]));
        Assert.Equal((1, 1), (update.Steps, update.Samples));
        Assert.True(model.Seen[^1].SequenceEqual([1f, 3, 2, 2]) || model.Seen[^1].SequenceEqual([5f, 7, 2, 2]));
        Assert.Equal(2, probe.Take<Evaluation>(port: 1).Rows);
    }

    private static OperatorProbe Evaluated(WindowModel model) => OperatorProbe.From<Batch>(
        (p, rows) => rows.Evaluate(model, p.Input<Weights>("models")).Output("main"), Rows);

    private static void Send(OperatorProbe probe, float[] x, float?[] y, int?[] labels) => probe.Send(
        Batches.Of(probe.Pool, Rows, Enumerable.Range(1, x.Length).Select(i => 10L * i).ToArray(), x, y, labels));
}
