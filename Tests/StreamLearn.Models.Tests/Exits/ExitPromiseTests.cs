namespace StreamLearn.Models.Tests;

/// <summary>What is promised of early exits holds on rows that nobody has seen.</summary>
public sealed class ExitPromiseTests
{
    private const int Unseen = 40_000;

    /// <summary>Exits, the accuracy that may be lost, and the confidence.</summary>
    public static TheoryData<int, double, double> Bounds => LongForm.IsAsked
        ? new() { { 2, 0.005, 0.95 }, { 3, 0.005, 0.95 }, { 2, 0.02, 0.95 }, { 2, 0.01, 0.8 } }
        : new() { { 3, 0.005, 0.95 }, { 2, 0.01, 0.8 } };

    [Theory, MemberData(nameof(Bounds))]
    public void A_bound_is_broken_no_more_often_than_stated_and_the_winner_of_the_choosing_rows_breaks_it_often(
        int exits, double drop, double confidence)
    {
        const int Worlds = 80;
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
        Assert.Equal("cannot guarantee a loss of at most 0.50 %: expected at least 725 rows to measure it, got 100", Plain(promise));
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
        Assert.Contains("2000 rows do not prove it", none.CheapestWithin(0.01).ToString(), StringComparison.Ordinal);
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

    [Fact]
    public void Where_groups_differ_judging_by_rows_breaks_its_word_and_judging_by_groups_keeps_it()
    {
        const int Trials = 2000, Groups = 20, Rows = 400;
        const double Bound = 0.02;
        var (byRow, byGroup, random) = (0, 0, new RandomStream(1, "groups"));
        for (var trial = 0; trial < Trials; trial++)
        {
            // groups lose from nothing to twice the bound: the loss of all there are is just the bound
            var judgement = Of(Enumerable.Range(0, Groups).Select(_ =>
            {
                var (share, lost) = (random.NextDouble() * 2 * Bound, 0);
                for (var r = 0; r < Rows; r++) { lost += random.NextDouble() < share ? 1 : 0; }
                return (Rows, lost);
            }));
            byGroup += judgement.CheapestWithin(Bound).Index is null ? 0 : 1;
            byRow += (judgement with { Groups = [] }).CheapestWithin(Bound).Index is null ? 0 : 1;
        }

        Assert.InRange(byGroup, 0.01 * Trials, 0.07 * Trials);      // just at the bound, where losses are uneven: up to 7 in a hundred
        Assert.True(byRow > 0.1 * Trials, $"{byRow} of {Trials} by row");
    }

    [Fact]
    public void A_promise_by_groups_takes_15_of_them_and_says_how_many_there_were()
    {
        var enough = Of(Enumerable.Repeat((100, 0), 15)).CheapestWithin(0.02);
        var tooFew = Of(Enumerable.Repeat((1000, 0), 14)).CheapestWithin(0.02);
        Assert.Equal((0, ExitRefusal.None, 15), (enough.Index, enough.Refusal, enough.Groups));
        Assert.Contains("1500 rows of 15 groups", enough.ToString(), StringComparison.Ordinal);
        Assert.Equal((null, ExitRefusal.TooFewGroups, 14), (tooFew.Index, tooFew.Refusal, tooFew.Groups));
        Assert.Equal(ExitRule.Never(2), tooFew.Rule);
        Assert.Equal("cannot guarantee a loss of at most 2.00 %: expected at least 15 groups to measure it, got 14", Plain(tooFew));
    }

    [Fact]
    public void Groups_are_told_apart_in_any_order_of_rows_and_add_up_to_all_rows()
    {
        var (logits, labels) = Make(3, 2, 90, 1);
        var curve = ExitTuner.Choose(logits, labels, Work(2), toClosed: true);
        var judgement = ExitTuner.Judge(curve, logits, labels, [.. Enumerable.Range(0, 90).Select(r => 7 - (r % 3 * 2))]);
        Assert.Equal([30, 30, 30], judgement.Groups.Select(g => g.Rows));
        Assert.Equal(judgement with { Groups = [] }, ExitTuner.Judge(curve, logits, labels));
        for (var i = 0; i < curve.Points.Length; i++)
        {
            Assert.Equal(judgement.Outcomes[i].Lost, judgement.Groups.Sum(g => g.Outcomes[i].Lost));
            Assert.Equal(judgement.Outcomes[i].Gained, judgement.Groups.Sum(g => g.Outcomes[i].Gained));
        }

        Assert.NotEqual(judgement, judgement with { Groups = [] });
        Assert.Throws<ArgumentException>(() => ExitTuner.Judge(curve, logits, labels, [1, 2]));
    }

    [Fact]
    public void A_curve_to_closed_goes_on_from_the_most_accurate_choice_until_nothing_leaves()
    {
        var (logits, labels) = Make(4, 3, 400, 1);
        var plain = ExitTuner.Choose(logits, labels, Work(3));
        var closed = ExitTuner.Choose(logits, labels, Work(3), toClosed: true);
        Assert.Equal(plain.Points, closed.Points.Take(plain.Points.Length));
        Assert.Equal(closed.Points.OrderBy(p => p.WorkFraction), closed.Points);
        Assert.Equal(1, closed.Points[^1].WorkFraction);
        Assert.True(closed.IsValid);
    }

    [Theory, InlineData(14, 1.7613), InlineData(29, 1.6991), InlineData(1000, 1.6464)]
    public void Student_quantiles_are_those_of_tables(int degrees, double quantile) =>
        Assert.Equal(quantile, GroupedDifference.Student(PairedDifference.Quantile(0.05), degrees), 0.001);

    /// <summary>One choice, which leaves early, judged on groups of so many rows of which so many were lost.</summary>
    private static ExitJudgement Of(IEnumerable<(int Rows, int Lost)> groups)
    {
        var curve = new ExitCurve { Measure = ExitMeasure.Entropy, FullAccuracy = 0.9, Points = [new([1f], 0.85, 0.3, [0.9, 0.1])] };
        ImmutableArray<ExitJudgement> judged =
            [.. groups.Select(g => new ExitJudgement { Curve = curve, Rows = g.Rows, Outcomes = [new(g.Lost, 0)] })];
        return new()
        {
            Curve = curve,
            Rows = judged.Sum(static g => g.Rows),
            Outcomes = [new(judged.Sum(static g => g.Outcomes[0].Lost), 0)],
            Groups = judged,
        };
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
