namespace StreamLearn.Learning.Tests;

public sealed class PrequentialTests
{
    private static readonly Schema Answers = new(
        Field.Time(), new Field("class", ColumnType.Int32, Unit.One), Field.Channel("confidence", Unit.One), Field.Label());

    private static readonly Schema Unlabelled = new(
        Field.Time(), new Field("class", ColumnType.Int32, Unit.One), Field.Channel("confidence", Unit.One));

    private static readonly Schema Labels = new(Field.Time(), Field.Label());

    [Fact]
    public void Answers_with_labels_are_scored_at_once()
    {
        using var probe = AtOnce(Answers, new() { EveryRows = 3 });
        probe.Send(Batch(probe, [1, 2, 3, 4], [0, 1, 1, 0], [0.9f, 0.6f, 0.7f, 0.8f], [0, 1, 0, null]));
        var score = probe.Take<PrequentialScore>();
        Assert.Equal(new ConfusionMatrix([1, 1, 0, 1]), score.Landmark);
        Assert.Equal(1, probe.Metrics.RowsDropped["unlabelled"]);
        probe.Complete();
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void What_cannot_be_an_answer_or_a_label_is_dropped_by_reason()
    {
        using var probe = AtOnce(Answers, new());
        probe.Send(Batch(probe, [1, 2, 3, 4], [2, 0, 0, 1], [0.9f, float.NaN, 0.7f, 0.8f], [0, 1, 2, 1]));
        probe.Complete();
        Assert.Equal(1, probe.Take<PrequentialScore>().Rows);
        Assert.Equal((1L, 1L, 1L),
            (probe.Metrics.RowsDropped["bad-class"], probe.Metrics.RowsDropped["non-finite"], probe.Metrics.RowsDropped["bad-label"]));
    }

    [Fact]
    public void An_answer_is_scored_when_its_label_comes()
    {
        using var probe = Delayed(new() { EveryRows = 1 });
        probe.Send(Batch(probe, [10, 20, 30], [0, 1, 1], [0.9f, 0.6f, 0.7f]));
        Assert.Equal((0, 3.0), (probe.Count(), probe.Metrics.Gauges["rows-held"]));
        probe.Control(LabelsOf(probe, [20], [0]));
        Assert.Equal(new ConfusionMatrix([0, 1, 0, 0]), probe.Take<PrequentialScore>().Landmark);
        probe.Control(LabelsOf(probe, [30, 10], [1, 0]));
        Assert.Equal(new ConfusionMatrix([1, 1, 0, 1]), probe.Take<PrequentialScore>().Landmark);
        Assert.Equal(0, probe.Metrics.Gauges["rows-held"]);
    }

    [Fact]
    public void A_label_may_come_before_its_answer()
    {
        using var probe = Delayed(new());
        probe.Control(LabelsOf(probe, [10, 20], [1, 0]));
        probe.Send(Batch(probe, [10, 20], [1, 1], [0.9f, 0.6f]));
        probe.Complete();
        Assert.Equal(new ConfusionMatrix([0, 1, 0, 1]), probe.Take<PrequentialScore>().Landmark);
        Assert.Equal(0, probe.Metrics.Counter("labels-unmatched"));
    }

    [Fact]
    public void Answers_that_wait_too_long_and_labels_that_come_too_late_are_counted()
    {
        using var probe = Delayed(new() { MaxPendingRows = 2 });
        probe.Send(Batch(probe, [10, 20, 30], [0, 1, 1], [0.9f, 0.6f, 0.7f]));
        Assert.Equal(1, probe.Metrics.RowsDropped["label-missing"]);
        probe.Control(LabelsOf(probe, [10, 20], [0, 1]), LabelsOf(probe, [20, 77, 77, 88, 99], [1, 0, 0, 1, 1]));
        probe.Control(LabelsOf(probe, [20, 30], [2, null]));
        probe.Complete();
        Assert.Equal(1, probe.Take<PrequentialScore>().Rows);
        Assert.Equal(1, probe.Metrics.Counter("labels-late"));
        Assert.Equal(5, probe.Metrics.Counter("labels-unmatched"));       // 77 again; 20 and 77 make way; 88 and 99 are left
        Assert.Equal(2, probe.Metrics.Counter("labels-bad"));
        Assert.Equal(2, probe.Metrics.RowsDropped["label-missing"]);
    }

    [Fact]
    public void A_key_that_waits_already_is_refused()
    {
        using var probe = Delayed(new());
        probe.Send(Batch(probe, [10, 10], [0, 1], [0.9f, 0.6f]));
        probe.Control(LabelsOf(probe, [10], [0]));
        probe.Complete();
        Assert.Equal(new ConfusionMatrix([1, 0, 0, 0]), probe.Take<PrequentialScore>().Landmark);
        Assert.Equal(1, probe.Metrics.RowsDropped["repeated-key"]);
    }

    [Fact]
    public void An_answer_is_given_up_when_its_label_has_not_come_for_too_long()
    {
        using var probe = Delayed(new() { MaxWait = TimeSpan.FromMinutes(1) });
        probe.Send(Batch(probe, [10], [0], [0.9f]));
        probe.Advance(TimeSpan.FromSeconds(40));
        probe.Send(Batch(probe, [20], [1], [0.9f]));
        probe.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((1L, 1.0), (probe.Metrics.RowsDropped["label-missing"], probe.Metrics.Gauges["rows-held"]));
        probe.Control(LabelsOf(probe, [10, 20], [0, 1]));
        probe.Complete();
        Assert.Equal(new ConfusionMatrix([0, 0, 0, 1]), probe.Take<PrequentialScore>().Landmark);
        Assert.Equal(1, probe.Metrics.Counter("labels-late"));
    }

    [Fact]
    public async Task The_end_waits_for_the_labels_that_are_still_to_come()
    {
        var scores = new List<PrequentialScore>();
        var pipeline = Pipeline.Define("late", p => p.Input<Batch>("answers", Unlabelled)
            .Prequential(p.Input<Batch>("labels", Labels), 2).ForEach("keep", scores.Add));
        await using var run = pipeline.Start(new() { GuardMemory = true }, TestContext.Current.CancellationToken);
        await run.SendAsync("answers", Batches.Of(run.Pool, Unlabelled, new long[] { 1 }, new[] { 1 }, new[] { 0.75f }));
        run.Complete("answers");
        await run.SendAsync("labels", Batches.Of(run.Pool, Labels, new long[] { 1 }, new int?[] { 1 }));
        run.Complete("labels");
        await run.Completion.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new ConfusionMatrix([0, 0, 0, 1]), Assert.Single(scores).Landmark);
    }

    [Fact]
    public void Labels_that_come_later_in_the_same_order_give_the_same_score()
    {
        var random = new RandomStream(1, "prequential");
        var (times, labels, classes) = (new long[500], new int?[500], new int[500]);
        var confidences = new float[500];
        for (var i = 0; i < 500; i++)
        {
            (times[i], labels[i], classes[i]) = (i, random.NextInt32(2), random.NextInt32(2));
            confidences[i] = (float)random.NextDouble();
        }

        using var now = AtOnce(Answers, new() { WindowRows = 64 });
        now.Send(Batch(now, times, classes, confidences, labels));
        now.Complete();
        using var later = Delayed(new() { WindowRows = 64 });
        later.Send(Batch(later, times, classes, confidences));
        later.Control(LabelsOf(later, times, labels));
        later.Complete();
        Assert.Equal(now.Take<PrequentialScore>(), later.Take<PrequentialScore>());
    }

    [Fact]
    public void Probabilities_beside_the_answers_are_scored_when_the_label_comes()
    {
        var schema = new Schema([.. Unlabelled.Fields, Field.Channel("probability0", Unit.One), Field.Channel("probability1", Unit.One)]);
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Prequential(p.Input<Batch>("labels"), 2).Output("main"), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new long[] { 1, 2 }, new[] { 0, 1 }, new[] { 0.75f, 0.5f },
            new[] { 0.75f, 0.5f }, new[] { 0.25f, 0.5f }));
        probe.Control(LabelsOf(probe, [2, 1], [1, 1]));
        probe.Complete();
        Assert.Equal((-Math.Log(0.25) - Math.Log(0.5)) / 2, probe.Take<PrequentialScore>().LogLoss!.Value, 1e-6);
    }

    [Fact]
    public void Schemas_without_what_is_needed_are_refused_at_wiring()
    {
        var partly = new Schema([.. Answers.Fields, Field.Channel("probability0", Unit.One)]);
        Assert.Throws<PipelineDefinitionException>(() => AtOnce(Unlabelled, new()));
        Assert.Throws<PipelineDefinitionException>(() => AtOnce(partly, new()));
        Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.From<Batch>(
            (p, rows) => rows.Prequential(p.Input<Batch>("labels"), 2, new() { Key = "id" }).Output("main"), Unlabelled));
    }

    [Fact]
    public void Batches_of_another_schema_are_dropped()
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => rows.Prequential(p.Input<Batch>("labels"), 2).Output("main"));
        probe.Send(Batches.OfChannels(probe.Pool, [1, 2]));
        probe.Control(Batches.OfChannels(probe.Pool, [1, 2]));
        Assert.Equal(2, probe.Metrics.Drops["schema"]);
    }

    private static OperatorProbe AtOnce(Schema schema, PrequentialOptions options) =>
        OperatorProbe.From<Batch>((p, rows) => rows.Prequential(2, options).Output("main"), schema);

    private static OperatorProbe Delayed(PrequentialOptions options) =>
        OperatorProbe.From<Batch>((p, rows) => rows.Prequential(p.Input<Batch>("labels"), 2, options).Output("main"), Unlabelled);

    private static Batch Batch(OperatorProbe probe, long[] times, int[] classes, float[] confidences) =>
        Batches.Of(probe.Pool, Unlabelled, times, classes, confidences);

    private static Batch Batch(OperatorProbe probe, long[] times, int[] classes, float[] confidences, int?[] labels) =>
        Batches.Of(probe.Pool, Answers, times, classes, confidences, labels);

    private static Batch LabelsOf(OperatorProbe probe, long[] times, int?[] labels) => Batches.Of(probe.Pool, Labels, times, labels);
}
