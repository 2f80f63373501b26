namespace StreamLearn.Operators.Tests;

public sealed class KeepUncertainTests
{
    private static readonly Schema Answers = new(
        new Field("class", ColumnType.Int32, Unit.One), new Field("confidence", ColumnType.Float32, Unit.One, Nullable: true));

    private static readonly Schema Probabilities = new(
        Field.Channel("a", Unit.One), Field.Channel("b", Unit.One), Field.Channel("c", Unit.One));

    [Fact]
    public void KeepUncertain_keeps_the_fraction_within_two_per_cent_over_ten_thousand_rows_also_when_a_model_grows_sure()
    {
        foreach (var fraction in new[] { 0.05, 0.2, 0.5 })
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(fraction));
            var random = new RandomStream(4, "answers");
            for (var i = 0; i < 100; i++)
            {
                probe.Send(Confidences(probe.Pool, Enumerable.Range(0, 100).Select(r => Confidence(random, (i * 100) + r))));
            }
            var kept = probe.TakeAll<Batch>().Sum(b => b.Rows);
            Assert.InRange(kept, 0.98 * fraction * 10_000, 1.02 * fraction * 10_000);
            Assert.Equal(10_000 - kept, probe.Metrics.RowsDropped["certain"]);
        }

        // many rows are as sure as can be, and ever more are
        static float Confidence(RandomStream random, int row) =>
            random.NextDouble() < row / 12_000.0 ? 1 : (float)random.NextDouble(0.3, 1);
    }

    [Fact]
    public void KeepUncertain_keeps_the_least_confident_rows()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(0.25));
        var random = new RandomStream(4, "answers");
        probe.Send(Confidences(probe.Pool, Enumerable.Range(0, 8000).Select(_ => (float)random.NextDouble())));
        var kept = probe.Take<Batch>()["confidence"].Values<float>().ToArray();
        Assert.True(kept.Count(c => c < 0.3) > 0.93 * kept.Length, $"{kept.Count(c => c < 0.3)} of {kept.Length} kept are below 0.3");
    }

    [Theory]
    [InlineData(Uncertainty.MinConfidence, 0, 1, 2)]
    [InlineData(Uncertainty.Margin, 0, 2, 1)]
    [InlineData(Uncertainty.Entropy, 1, 0, 2)]
    public void KeepUncertain_ranks_by_the_measure(Uncertainty measure, int first, int second, int third)
    {
        // Of the three, the first is the least confident and the least decided, the second the most spread.
        float[][] rows = [[0.46f, 0.45f, 0.09f], [0.5f, 0.25f, 0.25f], [0.52f, 0.44f, 0.04f]];
        var kept = new int[3];
        for (var seed = 1; seed <= 20; seed++)
        {
            using var probe = OperatorProbe.Of<Batch, Batch>(
                f => f.KeepUncertain(0.5, columns: ["a", "b", "c"], measure: measure), Probabilities, seed);
            for (var i = 0; i < 900; i++) { probe.Send(Row(probe.Pool, rows[i % 3])); }
            foreach (var batch in probe.TakeAll<Batch>()) { kept[Array.FindIndex(rows, r => r[0] == batch["a"].Values<float>()[0])]++; }
        }

        // Half of all: nearly all of the most uncertain third, half of the next, nearly none of the last.
        Assert.InRange(kept[first], 5400, 6000);
        Assert.InRange(kept[second], 2700, 3300);
        Assert.InRange(kept[third], 0, 600);
    }

    [Fact]
    public void KeepUncertain_averages_the_rows_of_an_item()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(0.5, itemRows: 2));
        for (var i = 0; i < 500; i++) { probe.Send(Confidences(probe.Pool, [1, 0.4f, 0.69f, 0.69f])); }
        // 0.3 and 0.31: the second item is kept, except for what the budget evens out at first
        var kept = probe.TakeAll<Batch>().SelectMany(b => b["confidence"].Values<float>().ToArray()).ToList();
        Assert.InRange(kept.Count, 980, 1020);
        Assert.InRange(kept.Count(c => c == 0.69f), 950, 1000);
    }

    [Fact]
    public void KeepUncertain_drops_by_name_what_it_cannot_judge()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(1));
        probe.Send(Batches.Of(probe.Pool, Answers, new int[4], new float?[] { 0.5f, null, float.NaN, 0.9f }));
        probe.Send(Batches.OfChannels(probe.Pool, [1f]));
        Assert.Equal((2, 2L, 1L), (probe.Take<Batch>().Rows, probe.Metrics.RowsDropped["non-finite"], probe.Metrics.Drops["schema"]));
    }

    [Fact]
    public void KeepUncertain_refuses_what_cannot_be_at_wiring()
    {
        Func<Flow<Batch>, Flow<Batch>>[] wrong =
        [
            static f => f.KeepUncertain(0.5, []), static f => f.KeepUncertain(0.5, [""]), static f => f.KeepUncertain(0.5, itemRows: 0),
            static f => f.KeepUncertain(0.5, measure: Uncertainty.Margin), static f => f.KeepUncertain(0.5, measure: Uncertainty.Entropy),
        ];
        foreach (var keep in wrong) { Assert.ThrowsAny<ArgumentException>(() => OperatorProbe.Of(keep)); }

        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(0)));
        Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.Of<Batch, Batch>(f => f.KeepUncertain(0.5), Probabilities));
    }

    [Fact]
    public void Options_of_KeepUncertain_compare_by_value()
    {
        var (first, second) = (new KeepUncertainBlock(1, ["a", "b"], default, 1), new KeepUncertainBlock(1, ["a", "b"], default, 1));
        Assert.Equal((first, first.GetHashCode()), (second, second.GetHashCode()));
        Assert.NotEqual(first, second with { Columns = ["a", "c"] });
        Assert.NotEqual(first, second with { Measure = Uncertainty.Entropy });
    }

    private static Batch Confidences(BatchPool pool, IEnumerable<float> confidences)
    {
        float?[] values = [.. confidences.Select(c => (float?)c)];
        return Batches.Of(pool, Answers, new int[values.Length], values);
    }

    private static Batch Row(BatchPool pool, float[] p) => Batches.Of(pool, Probabilities, new[] { p[0] }, new[] { p[1] }, new[] { p[2] });
}
