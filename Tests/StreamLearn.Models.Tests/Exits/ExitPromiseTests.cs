using System.Collections.Immutable;

namespace StreamLearn.Models.Tests;

/// <summary>What is promised of early exits holds on rows that nobody has seen.</summary>
public sealed class ExitPromiseTests
{
    private const int Unseen = 40_000;

    [Theory]
    [InlineData(2, 0.005, 0.95)]
    [InlineData(3, 0.005, 0.95)]
    [InlineData(2, 0.02, 0.95)]
    [InlineData(2, 0.01, 0.8)]
    public void A_bound_is_broken_no_more_often_than_stated_and_the_winner_of_the_choosing_rows_breaks_it_often(
        int exits, double drop, double confidence)
    {
        const int Worlds = 120;
        var (kept, broken, winners) = (0, 0, 0);
        for (var world = 0; world < Worlds; world++)
        {
            var (choosing, judging, unseen) = (Make(world, exits, 1000, 1), Make(world, exits, 2000, 2), Make(world, exits, Unseen, 3));
            var curve = ExitTuner.Choose(choosing.Logits, choosing.Labels, Work(exits));
            var promise = ExitTuner.Judge(curve, judging.Logits, judging.Labels).CheapestWithin(drop, confidence);
            var after = ExitTuner.Judge(curve, unseen.Logits, unseen.Labels);
            var winner = Enumerable.Range(0, curve.Points.Length).First(i => curve.Points[i].Accuracy >= curve.FullAccuracy - drop);
            winners += LossOf(after, winner) > drop ? 1 : 0;
            if (promise.Index is not { } index) { continue; }
            kept++;
            broken += LossOf(after, index) > drop ? 1 : 0;
        }

        var risk = 1 - confidence;
        Assert.True(kept > Worlds / 2, $"{kept} promises");
        Assert.True(broken <= Worlds * (risk + (2 * Math.Sqrt(risk * confidence / Worlds))), $"{broken} of {kept} promises broken");
        Assert.True(
            winners > 2 * Worlds * risk && winners > 3 * broken,
            $"{winners} winners of the choosing rows broke the bound, {broken} promises");
    }

    [Fact]
    public void Just_at_the_bound_a_test_passes_no_more_often_than_stated()
    {
        foreach (var (rows, bound, gained) in new[] { (800, 0.005, 0.0), (2000, 0.005, 0.01), (300, 0.02, 0.05), (5000, 0.01, 0.002) })
        {
            const int Trials = 4000;
            var (passed, random) = (0, new RandomStream(rows, "at the bound"));
            for (var trial = 0; trial < Trials; trial++)
            {
                var (lost, won) = (0, 0);
                for (var r = 0; r < rows; r++)
                {
                    var draw = random.NextDouble();
                    if (draw < gained + bound) { lost++; }
                    else if (draw < (2 * gained) + bound) { won++; }
                }

                passed += PairedDifference.IsBelow(bound, new(lost, won), rows, PairedDifference.Quantile(0.05)) ? 1 : 0;
            }

            Assert.InRange(passed, 0.01 * Trials, 0.06 * Trials);       // two deviations of 4000 trials are 0.007
        }
    }

    [Fact]
    public void With_too_few_rows_it_says_so_and_how_many_it_takes()
    {
        var (choosing, judging) = (Make(1, 2, 400, 1), Make(1, 2, 100, 2));
        var curve = ExitTuner.Choose(choosing.Logits, choosing.Labels, Work(2)) with { };
        var judgement = ExitTuner.Judge(
            curve with { Points = [.. curve.Points.Where(p => p.Shares[0] > 0)] },
            judging.Logits, judging.Labels);

        var promise = judgement.CheapestWithin(0.005);

        Assert.Equal((null, ExitRefusal.TooFewRows, 100, 725), (promise.Index, promise.Refusal, promise.Rows, promise.MinRows));
        Assert.Equal(ExitRule.Never(2), promise.Rule);
        Assert.Equal("cannot promise to lose at most 0.50 %: expected at least 725 rows to judge by, got 100", Plain(promise));
        Assert.Equal(int.MaxValue, judgement.CheapestWithin(0).MinRows);
        Assert.True(PairedDifference.IsBelow(0.005, default, 725, PairedDifference.Quantile(0.05)));
        Assert.False(PairedDifference.IsBelow(0.005, default, 724, PairedDifference.Quantile(0.05)));
    }

    [Fact]
    public void What_rows_do_not_show_is_not_promised_and_the_whole_network_always_is()
    {
        var curve = new ExitCurve
        {
            Measure = ExitMeasure.Entropy,
            FullAccuracy = 0.9,
            Points = [new([1f], 0.85, 0.3, [0.9, 0.1]), new([0.5f], 0.89, 0.5, [0.5, 0.5]), new([0f], 0.9, 1, [0, 1])],
        };
        ExitJudgement Of(params ImmutableArray<ExitOutcome> outcomes) => new()
        {
            Curve = curve with { Points = [.. curve.Points.TakeLast(outcomes.Length)] },
            Rows = 2000,
            Outcomes = outcomes,
        };

        Assert.Equal(2, Of(new(200, 0), new(100, 0), default).CheapestWithin(0.01).Index);
        Assert.Equal(1, Of(new(200, 0), new(3, 1), default).CheapestWithin(0.01).Index);
        Assert.Equal(0, Of(new(200, 0), new(100, 0), default).CheapestWithin(1).Index);
        Assert.Equal(2, Of(new(2, 0), new(100, 0), default).CheapestWithin(0.01).Index);        // none after the first that fails
        var none = new ExitJudgement { Curve = curve with { Points = [curve.Points[0]] }, Rows = 2000, Outcomes = [new(40, 10)] };
        Assert.Equal((null, ExitRefusal.NotShown), (none.CheapestWithin(0.01).Index, none.CheapestWithin(0.01).Refusal));
        Assert.Contains("2000 rows do not show it", none.CheapestWithin(0.01).ToString(), StringComparison.Ordinal);
        Assert.Contains("loses at most 4.00 % with confidence 95 %", Plain(none.CheapestWithin(0.04)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_judged_is_refused()
    {
        var (logits, labels) = Make(1, 2, 100, 1);
        var judgement = ExitTuner.Judge(ExitTuner.Choose(logits, labels, Work(2)), logits, labels);

        Assert.Throws<ArgumentOutOfRangeException>(() => judgement.CheapestWithin(-0.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => judgement.CheapestWithin(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => judgement.CheapestWithin(0.01, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => judgement.CheapestWithin(0.01, 0.5));
        Assert.Throws<ArgumentException>(() => ExitTuner.Judge(judgement.Curve, logits.AsSpan(1), labels));
        Assert.Throws<ArgumentException>(() => ExitTuner.Judge(judgement.Curve, logits, []));
    }

    private static double LossOf(ExitJudgement judgement, int index) =>
        (double)(judgement.Outcomes[index].Lost - judgement.Outcomes[index].Gained) / judgement.Rows;

    private static string Plain(ExitPromise promise) => promise.ToString().Replace("%", " %", StringComparison.Ordinal)
        .Replace("  %", " %", StringComparison.Ordinal);

    private static ImmutableArray<long> Work(int exits) => exits == 2 ? [100, 400] : [100, 200, 400];

    /// <summary>
    /// Exits over three classes; rows differ in how hard they are. Where the first exit is sure it is sometimes wrong all the same, in each
    /// world more or less often.
    /// </summary>
    private static (float[] Logits, int[] Labels) Make(int world, int exits, int rows, int part)
    {
        var trap = new RandomStream(world, "trap").NextDouble() * 0.04;
        var random = new RandomStream((10 * world) + part, "promises");
        var (logits, labels) = (new float[exits * rows * 3], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            labels[r] = random.NextInt32(3);
            var (ease, isTrap) = (5 * random.NextDouble(), random.NextDouble() < trap);
            for (var exit = 0; exit < exits; exit++)
            {
                var row = logits.AsSpan(((exit * rows) + r) * 3, 3);
                foreach (ref var logit in row) { logit = (float)random.NextGaussian(); }
                row[isTrap && exit < exits - 1 ? (labels[r] + 1) % 3 : labels[r]] += (float)(ease + exit);
            }
        }

        return (logits, labels);
    }
}
