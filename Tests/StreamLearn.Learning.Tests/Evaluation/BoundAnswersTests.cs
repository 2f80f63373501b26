namespace StreamLearn.Learning.Tests;

public sealed class BoundAnswersTests
{
    private static readonly Schema Answers = new(Field.Time(), Field.Channel("probability0", Unit.One),
        Field.Channel("probability1", Unit.One), Field.Channel("probability2", Unit.One), Field.Label());

    /// <summary>Scores are even from 0 to 1: nine in ten are at most 0.9.</summary>
    private static readonly ConformalScores Scores = ConformalScores.Of(
        [.. Enumerable.Range(0, 2000).Select(static i => i / 2000f)], [.. Enumerable.Range(0, 2000).Select(static i => i % 20)])!;

    [Fact]
    public void A_set_has_a_bit_for_each_class_within_the_bound_and_for_the_most_probable_one()
    {
        using var probe = Probe();
        probe.Send(Rows(probe, [0.8f, 0.05f, 0.05f, float.NaN], [0.15f, 0.5f, 0.03f, 0.9f], [0.05f, 0.45f, 0.03f, float.NaN],
            [null, null, null, null]));
        var answers = probe.Take<Batch>();
        Assert.Equal("time, probability0, probability1, probability2, label, possible",
            string.Join(", ", answers.Schema.Fields.Select(static f => f.Name)));
        Assert.Equal([0b011L, 0b110, 0b001, 0b111], answers["possible"].Values<long>().ToArray());
        Assert.Equal([0.15f, 0.5f, 0.03f, 0.9f], answers["probability1"].Values<float>().ToArray());
        Assert.Equal((0, 0.9), (probe.Metrics.Counter("labels-within"), probe.Metrics.Gauges["bound-level"]));
    }

    [Fact]
    public void A_value_gets_bounds_in_its_unit_that_follow_its_targets()
    {
        var schema = new Schema(Field.Channel("value", Unit.StandardGravity), Field.Target(Unit.StandardGravity));
        using var probe = OperatorProbe.Of<Batch, Batch>(static f => f.Bound(0.9, Scores), schema);
        probe.Send(Batches.Of(probe.Pool, schema, new[] { 5f, 7, 9, float.NaN }, new double?[] { 5.5, null, 11, 1 }));

        var first = probe.Take<Batch>();
        Assert.Equal(["value float32 [gn]", "target float64? [gn]", "low float32 [gn]", "high float32 [gn]"],
            first.Schema.Fields.Select(static f => f.ToString()));
        Assert.Equal(5 - 0.9f, first["low"].Values<float>()[0], 1e-2f);
        Assert.Equal(7 + 0.9f, first["high"].Values<float>()[1], 1e-2f);
        Assert.Equal((1, 1), (probe.Metrics.Counter("labels-within"), probe.Metrics.Counter("labels-outside")));

        // errors are even from 0 to 2 now: as the bounds are, they would hold 45 %
        var (random, held, rows) = (new RandomStream(3, "targets"), 0, 0);
        for (var row = 0; row < 6000; row++)
        {
            var target = random.NextDouble(0, 2);
            probe.Send(Batches.Of(probe.Pool, schema, new[] { 0f }, new double?[] { target }));
            var high = probe.Take<Batch>()["high"].Values<float>()[0];
            if (row >= 3000) { (held, rows) = (held + (float.IsNaN(high) || target <= high ? 1 : 0), rows + 1); }
        }

        Assert.InRange(held / (double)rows, 0.88, 0.92);
    }

    /// <summary>After 1,000 rows right classes are less probable: as they are, the sets would hold 73 % of them.</summary>
    [Fact]
    public void Labels_widen_the_sets_after_a_drift_until_they_hold_what_is_promised()
    {
        using var probe = Probe();
        var (random, held, rows) = (new RandomStream(3, "labels"), 0, 0);
        for (var row = 0; row < 6000; row += 2)
        {
            float[] right = [.. Enumerable.Range(0, 2).Select(_ =>
                (float)(1 - Math.Pow(random.NextDouble(0, 1), row < 1000 ? 1 : 1 / 3.0)))];
            probe.Send(Rows(probe, right, [.. right.Select(static p => 1 - p)], [0, 0], [0, 0]));
            foreach (var set in probe.Take<Batch>()["possible"].Values<long>())
            {
                if (row >= 3000) { (held, rows) = (held + (int)(set & 1), rows + 1); }
            }
        }

        Assert.InRange(held / (double)rows, 0.88, 0.92);
        Assert.Equal(6000, probe.Metrics.Counter("labels-within") + probe.Metrics.Counter("labels-outside"));
    }

    /// <summary>Of a batch, too, a row is answered by what the rows before it have shown: the bits are those of single rows.</summary>
    [Fact]
    public void A_row_counts_for_those_after_it()
    {
        using var probe = Probe();
        var never = new float[40];
        probe.Send(Rows(probe, never, [.. never.Select(static (_, i) => i == 39 ? 0.95f : 1)], [.. never.Select(static _ => 0.07f)],
            [.. never.Select(static _ => (int?)0)]));
        var sets = probe.Take<Batch>()["possible"].Values<long>().ToArray();
        Assert.Equal((0b010L, 0b111L), (sets[0], sets[^1]));        // the level rises by 0.0045 a row, above 1 after 23
        Assert.Equal((10, 16), (probe.Metrics.Counter("bound-alarms"), probe.Metrics.Counter("unbounded")));
    }

    [Fact]
    public void A_level_outlives_a_restart_unless_another_share_is_promised()
    {
        var (before, after) = (new AdaptiveCoverage(Scores, 0.9), new AdaptiveCoverage(Scores, 0.9));
        var other = new AdaptiveCoverage(Scores, 0.8);
        before.Observe(2);
        var saved = SavedState.Of((ref StateStream s) => before.State(ref s));
        saved.Into((ref StateStream s) => after.State(ref s));
        saved.Into((ref StateStream s) => other.State(ref s));
        Assert.Equal((before.Level, 0.8), (after.Level, other.Level));
        Assert.Equal(0.9045, after.Level, 1e-12);
    }

    /// <summary>The promised share and the level, as <c>bound/1</c> wrote them.</summary>
    [Fact]
    public void A_state_without_an_alarm_is_opened_and_the_alarm_starts_with_no_label()
    {
        BlockMetrics metrics = new("bound");
        OperatorContext context = new("p", "bound", seed: 1, new(), metrics, CancellationToken.None);
        context.Begin(OperatorProbe.Start);
        List<Batch> answers = [];
        var bound = new BoundAnswers(new(0.9, Scores), context, new Each(answers.Add));
        byte[] state = [.. BitConverter.GetBytes(0.9), .. BitConverter.GetBytes(0.95)];
        StateStream s = new(state, new(), format: Assert.Single(bound.EarlierFormats));

        bound.State(ref s);

        Assert.True(s.HasEnded);
        bound.Process(Batches.Of(new(), Answers, new long[1], new[] { 0.5f }, new[] { 0.06f }, new[] { 0.04f }, new int?[] { 0 }));
        Assert.Equal(0b011L, Assert.Single(answers)["possible"].Values<long>()[0]);        // 0.1: the first alone
        Assert.Equal((1, 0, 0.9495), (metrics.Counter("labels-within"), metrics.Counter("bound-alarms"), metrics.Gauges["bound-level"]));
    }

    [Fact]
    public void Answers_without_probabilities_are_refused_at_wiring_or_dropped()
    {
        var one = new Schema(Answers.Fields[0], Answers.Fields[1], Answers.Fields[^1]);
        var refused = Assert.Throws<PipelineDefinitionException>(() => Probe(one));
        Assert.Contains("expected the probabilities of 2 to 64 classes (InferOptions.Probabilities), got time", refused.Message,
            StringComparison.Ordinal);
        using var probe = OperatorProbe.Of<Batch, Batch>(static flow => flow.Bound(0.9, Scores));
        probe.Send(Batches.OfChannels(probe.Pool, [1, 2]));
        Assert.Equal(1, probe.Metrics.Drops["schema"]);
    }

    private sealed class Each(Action<Batch> take) : IOutput<Batch>
    {
        public void Emit(Batch item) => take(item);
    }

    private static OperatorProbe Probe(Schema? schema = null) =>
        OperatorProbe.Of<Batch, Batch>(static flow => flow.Bound(0.9, Scores), schema ?? Answers);

    private static Batch Rows(OperatorProbe probe, float[] first, float[] second, float[] third, int?[] labels) =>
        Batches.Of(probe.Pool, Answers, new long[first.Length], first, second, third, labels);
}
