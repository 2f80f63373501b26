namespace StreamLearn.Learning.Tests;

public sealed class ConformalScoresTests
{
    /// <summary>Fifteen groups, one of which has a hundred times the rows: it weighs no more than another.</summary>
    [Fact]
    public void Each_group_weighs_the_same()
    {
        List<(float Score, int Group)> rows = [];
        for (var g = 0; g < 15; g++)
        {
            for (var i = 0; i < (g == 14 ? 1000 : 10); i++) { rows.Add((g, g)); }
        }

        var scores = ConformalScores.Of([.. rows.Select(static r => r.Score)], [.. rows.Select(static r => r.Group)])!;
        Assert.Equal(15, scores.Groups);
        Assert.Equal((0, 7, 14, 14), (scores.At(0), scores.At(0.46), scores.At(0.93), scores.At(1)));
        Assert.Null(ConformalScores.Of([.. rows.Where(static r => r.Group > 0).Select(static r => r.Score)],
            [.. rows.Where(static r => r.Group > 0).Select(static r => r.Group)]));
        Assert.Throws<ArgumentException>(() => ConformalScores.Of([float.NaN], [0, 1]));
    }

    /// <summary>Groups differ, as people do: a new one is within the bound as often as is promised, in the mean of many.</summary>
    [Theory, InlineData(0.8), InlineData(0.9), InlineData(0.95)]
    public void New_groups_are_within_the_bound_as_often_as_is_promised(double coverage)
    {
        var (random, within) = (new RandomStream(1, "groups"), 0.0);
        const int Draws = 200, Judging = 25, Rows = 40;
        for (var draw = 0; draw < Draws; draw++)
        {
            var (scores, groups) = (new float[Judging * Rows], new int[Judging * Rows]);
            for (var i = 0; i < scores.Length; i++) { groups[i] = i / Rows; }
            for (var g = 0; g < Judging; g++) { Group(scores.AsSpan(g * Rows, Rows)); }
            var bound = ConformalScores.Of(scores, groups)!.At(coverage);
            Span<float> other = new float[400];
            Group(other);
            foreach (var score in other) { within += (score <= bound ? 1.0 : 0) / other.Length / Draws; }
        }

        Assert.InRange(within, coverage - 0.02, coverage + 0.02);

        void Group(Span<float> scores)
        {
            var shift = 0.5 * random.NextGaussian();
            foreach (ref var score in scores) { score = (float)Math.Exp(shift + random.NextGaussian()); }
        }
    }

    /// <summary>Of 19 groups of one score each, a new one is below the eighteenth in 18 of 20 draws.</summary>
    [Fact]
    public void Groups_whose_rows_are_alike_are_within_the_bound_as_often_as_is_promised()
    {
        var (random, within) = (new RandomStream(1, "groups"), 0.0);
        const int Draws = 2000, Judging = 19;
        for (var draw = 0; draw < Draws; draw++)
        {
            float[] scores = [.. Enumerable.Range(0, Judging).Select(_ => (float)random.NextDouble())];
            var bound = ConformalScores.Of(scores, [.. Enumerable.Range(0, Judging)])!;
            within += random.NextDouble() <= bound.At(0.9) ? 1.0 / Draws : 0;
        }

        Assert.InRange(within, 0.89, 0.96);
        Assert.Equal((15, 19, 99), (ConformalScores.GroupsFor(0.9), ConformalScores.GroupsFor(0.95), ConformalScores.GroupsFor(0.99)));
    }

    [Fact]
    public void A_set_has_the_most_probable_class_and_those_within_the_bound()
    {
        Span<int> classes = new int[4];
        Assert.Equal(2, ConformalScores.Set([0.3f, 0.1f, 0.55f, 0.05f], 0.75f, classes));
        Assert.Equal([2, 0], classes[..2].ToArray());
        Assert.Equal(1, ConformalScores.Set([0.3f, 0.1f, 0.55f, 0.05f], float.NegativeInfinity, classes));
        Assert.Equal(4, ConformalScores.Set([0.3f, 0.1f, 0.55f, 0.05f], float.PositiveInfinity, classes));
        Assert.Equal(0.45f, ConformalScores.OfClass([0.45f, 0.55f], 1));
    }

    /// <summary>After 2,000 rows all scores are twice as large: a fixed bound holds for three fifths of the rows, the other is
    /// back.</summary>
    [Fact]
    public void A_bound_that_adapts_keeps_its_promise_over_a_drift_and_a_fixed_one_does_not()
    {
        var random = new RandomStream(2, "drift");
        float Score() => (float)Math.Abs(random.NextGaussian());
        var scores = ConformalScores.Of(
            [.. Enumerable.Range(0, 3000).Select(_ => Score())], [.. Enumerable.Range(0, 3000).Select(static i => i % 20)])!;
        var adaptive = new AdaptiveCoverage(scores, 0.9);
        var (fixedWithin, within) = (0, 0);
        const int Drift = 2000, Rows = 8000;
        for (var i = 0; i < Rows; i++)
        {
            var score = Score() * (i < Drift ? 1 : 2);
            var (isWithin, _) = adaptive.Observe(score);
            if (i < Drift + 1000) { continue; }
            (fixedWithin, within) = (fixedWithin + (score <= scores.At(0.9) ? 1 : 0), within + (isWithin ? 1 : 0));
        }

        Assert.InRange(fixedWithin / (double)(Rows - Drift - 1000), 0.5, 0.65);
        Assert.InRange(within / (double)(Rows - Drift - 1000), 0.88, 0.92);
    }
}
