namespace StreamLearn.Models.Tests;

public sealed class ExitTunerTests
{
    private const int Rows = 600;
    private static readonly ImmutableArray<long> Work = [100, 180, 400];

    [Fact]
    public void No_choice_of_the_curve_is_beaten_by_another_and_their_figures_are_those_of_their_rules()
    {
        var (logits, labels) = Make(seed: 1);
        var curve = ExitTuner.Choose(logits, labels, Work);
        Assert.InRange(curve.Points.Length, 10, 400);
        for (var i = 0; i < curve.Points.Length; i++)
        {
            var point = curve.Points[i];
            if (i > 0)
            {
                Assert.True(point.WorkFraction > curve.Points[i - 1].WorkFraction);
                Assert.True(point.Accuracy > curve.Points[i - 1].Accuracy);
            }
            var (accuracy, work, shares) = Follow(curve.RuleAt(i), logits, labels);
            Assert.Equal(accuracy, point.Accuracy, 1e-12);
            Assert.Equal(work, point.WorkFraction, 1e-12);
            Assert.Equal(shares, point.Shares.ToArray(), (a, b) => Math.Abs(a - b) < 1e-9);
        }
    }

    [Theory]
    [InlineData(ExitMeasure.Entropy)]
    [InlineData(ExitMeasure.Probability)]
    [InlineData(ExitMeasure.Margin)]
    public void With_two_exits_the_curve_is_the_best_of_the_whole_grid(ExitMeasure measure)
    {
        var (all, labels) = Make(seed: 2);
        float[] logits = [.. all.AsSpan(0, 2 * all.Length / 3)];
        ImmutableArray<long> work = [100, 400];
        var curve = ExitTuner.Choose(logits, labels, work, measure);
        float[] sorted = [.. Enumerable.Range(0, Rows).Select(r => Certainty.Of(measure, logits.AsSpan(3 * r, 3), 1)).Order()];
        if (measure != ExitMeasure.Entropy) { Array.Reverse(sorted); }
        for (var q = 1; q <= 50; q++)
        {
            var (accuracy, share, _) = Follow(new(measure, [sorted[q * (Rows - 1) / 51]]), logits, labels, work);
            Assert.True(curve.Points[curve.BestWithin(share + 1e-12)].Accuracy >= accuracy - 1e-12, $"quantile {q}");
        }
    }

    [Fact]
    public void A_budget_is_met_by_the_most_accurate_choice_within_it()
    {
        var (logits, labels) = Make(seed: 3);
        var curve = ExitTuner.Choose(logits, labels, Work);
        var best = curve.BestWithin(0.5);
        Assert.True(curve.Points[best].WorkFraction <= 0.5);
        Assert.True(best + 1 == curve.Points.Length || curve.Points[best + 1].WorkFraction > 0.5);
        Assert.Equal((0, curve.Points.Length - 1), (curve.BestWithin(0), curve.BestWithin(1)));
    }

    [Fact]
    public void A_thinned_curve_keeps_its_ends_and_its_order()
    {
        var (logits, labels) = Make(seed: 4);
        var curve = ExitTuner.Choose(logits, labels, Work);
        var thin = curve.Thin(6);
        Assert.InRange(thin.Points.Length, 3, 6);
        Assert.Equal((curve.Points[0], curve.Points[^1]), (thin.Points[0], thin.Points[^1]));
        Assert.All(thin.Points, p => Assert.Contains(p, curve.Points));
        Assert.Equal(thin.Points.OrderBy(p => p.WorkFraction), thin.Points);
        Assert.Equal(curve, curve.Thin(1000));
        double[] works = [0.1, 0.101, 0.102, 0.103, 1];
        var gap = curve with { Points = [.. works.Select(static work => new ExitPoint([0], 0.9, work, [1, 0]))] };
        Assert.Equal([0.1, 1], gap.Thin(3).Points.Select(static p => p.WorkFraction));      // the last one once
        Assert.True(gap.Thin(3).IsValid);
        Assert.Equal(curve, ExitTuner.Choose(logits, labels, Work));
    }

    [Fact]
    public void One_exit_has_one_choice()
    {
        var (all, labels) = Make(seed: 5);
        var curve = ExitTuner.Choose(all.AsSpan(0, all.Length / 3), labels, [100]);
        Assert.Equal((1.0, 0), (Assert.Single(curve.Points).WorkFraction, curve.RuleAt(0).Thresholds.Length));
    }

    [Fact]
    public void Scores_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ExitTuner.Choose(new float[7], [0, 1], [1, 2]));
        Assert.Throws<ArgumentException>(() => ExitTuner.Choose([], [], [1]));
        Assert.Throws<ArgumentException>(() => ExitTuner.Choose(new float[8], [0, 1], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitTuner.Choose(new float[8], [0, 1], [1, 2], quantiles: 0));
    }

    /// <summary>Three exits over three classes; rows differ in how hard they are, and later exits see more.</summary>
    private static (float[] Logits, int[] Labels) Make(long seed)
    {
        var random = new RandomStream(seed, "exits");
        var (logits, labels) = (new float[3 * Rows * 3], new int[Rows]);
        for (var r = 0; r < Rows; r++)
        {
            labels[r] = random.NextInt32(3);
            var ease = 4 * random.NextDouble();
            for (var exit = 0; exit < 3; exit++)
            {
                var row = logits.AsSpan(((exit * Rows) + r) * 3, 3);
                foreach (ref var logit in row) { logit = (float)random.NextGaussian(); }
                row[labels[r]] += (float)(ease + (0.8 * exit));
            }
        }

        return (logits, labels);
    }

    private static (double Accuracy, double Work, double[] Shares) Follow(ExitRule rule, float[] logits, int[] labels) =>
        Follow(rule, logits, labels, Work);

    private static (double Accuracy, double Work, double[] Shares) Follow(
        ExitRule rule, float[] logits, int[] labels, ImmutableArray<long> multiplyAdds)
    {
        var (correct, work, shares) = (0, 0L, new double[multiplyAdds.Length]);
        for (var r = 0; r < Rows; r++)
        {
            var exit = 0;
            while (!rule.Leaves(exit, logits.AsSpan(((exit * Rows) + r) * 3, 3))) { exit++; }
            if (ModelPlan.ClassOf(logits.AsSpan(((exit * Rows) + r) * 3, 3)) == labels[r]) { correct++; }
            work += multiplyAdds[exit];
            shares[exit] += 1.0 / Rows;
        }
        return ((double)correct / Rows, (double)work / (Rows * multiplyAdds[^1]), shares);
    }
}
