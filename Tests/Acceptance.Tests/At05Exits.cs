using FsCheck;
using FsCheck.Fluent;

namespace Acceptance.Tests;

/// <summary>Section 5: early exit.</summary>
public sealed class At05Exits
{
    private static readonly Schema Pixels = new(GlyphDigits.Schema.Fields.Where(f => f.Type == ColumnType.Float32));

    /// <summary>Means over seeds 0, 1 and 2. Thresholds are chosen on digits of their own, then frozen.</summary>
    [Fact]
    public void AT_5b_At_most_60_percent_of_the_work_costs_at_most_half_a_point_and_more_leave_early_the_higher_the_threshold()
    {
        var seeds = LongForm.IsAsked ? 3 : 1;
        var (lost, work) = (0.0, 0.0);
        for (var seed = 0; seed < seeds; seed++)
        {
            var digits = ExitDigits.Full(seed);
            var full = digits.Answer(ExitRule.Never(2));
            var chosen = digits.Answer(digits.Judgement.CheapestWithin(accuracyDrop: 0.005).Rule);
            Assert.InRange(full.Accuracy, 0.98, 1);
            Assert.Equal((1.0, 0.0), (full.Work, full.Early));
            (lost, work) = (lost + ((full.Accuracy - chosen.Accuracy) / seeds), work + (chosen.Work / seeds));

            var early = 0.0;
            foreach (var threshold in new[] { 0.005f, 0.02f, 0.05f, 0.1f, 0.2f, 0.5f, 1, 2 })
            {
                var share = digits.Answer(new(ExitMeasure.Entropy, [threshold])).Early;
                Assert.True(share >= early, $"seed {seed}, threshold {threshold}: {share} after {early}");
                early = share;
            }

            Assert.InRange(early, 0.95, 1);
        }

        Assert.True(lost <= 0.005, $"{lost:P2} of accuracy lost");
        Assert.True(work <= 0.6, $"{work:P1} of the work");
    }

    /// <summary>The digits of the stream are noisier than those that the choices were measured on, so that these promise too little
    /// work.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_5c_When_the_budget_is_halved_the_measured_work_is_below_it_within_200_samples_and_stays_there(int seed)
    {
        const int Rows = 3000, Half = Rows / 2;
        var digits = ExitDigits.Small(seed);
        var full = digits.Network.Plan.MultiplyAdds;
        var options = new InferOptions { Curve = digits.Curve, MultiplyAddsPerRow = 0.3 * full };
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows
            .Infer(digits.Network, p.Input<Weights>("models"), options).ControlledBy(p.Input<InferenceBudget>("budgets"))), Pixels);
        probe.Control(digits.Network.Initial with { Version = 1, Values = [.. digits.Weights] });
        var (work, noise) = (new List<double>(), new RandomStream(seed, "noise"));
        for (var first = 0; first < Rows; first += 20)
        {
            if (first == Half) { probe.Control(new InferenceBudget { MultiplyAddsPerRow = 0.15 * full }); }
            probe.Send(Noisy(probe, digits.Unseen, first, 20, noise));
            work.AddRange(probe.Take<Batch>()["exit"].Values<int>().ToArray().Select(e => (double)digits.Network.MultiplyAddsTo[e] / full));
        }

        Assert.InRange(work[200..Half].Average(), 0.15, 0.3);
        Assert.InRange(work.GetRange(Half, 200).Average(), 0, 0.15);
        Assert.InRange(work[(Half + 200)..].Average(), 0.12, 0.15);
        Assert.InRange(probe.Metrics.Gauges["multiply-adds-per-row"], 0.1 * full, 0.16 * full);
    }

    [Fact]
    public void AT_5d_The_decision_to_exit_is_a_pure_function_of_logits_and_threshold() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(41, 43),
        Prop.ForAll(
            ArbMap.Default.ArbFor<(float[] Logits, float A, float B, byte Measure)>(),
            sample =>
            {
                if (sample.Logits.Length == 0 || float.IsNaN(sample.A) || float.IsNaN(sample.B)) { return true; }
                var measure = (ExitMeasure)(sample.Measure % 3);
                var rule = new ExitRule(measure, [sample.A, sample.B]);
                var (first, second) = (rule.Leaves(0, sample.Logits), rule.Leaves(1, sample.Logits));
                var sameAgain = first == new ExitRule(measure, [sample.A]).Leaves(0, [.. sample.Logits])
                    && second == rule.Leaves(1, sample.Logits);
                var (lower, higher) = sample.A <= sample.B ? (first, second) : (second, first);
                var oneWay = measure == ExitMeasure.Entropy ? !lower || higher : !higher || lower;
                return sameAgain && oneWay && rule.Leaves(2, sample.Logits);
            }));

    private static Batch Noisy(OperatorProbe probe, GlyphDigits digits, int first, int rows, RandomStream noise)
    {
        var batch = probe.Pool.Rent(Pixels, rows);
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < GlyphDigits.Pixels; c++)
            {
                batch.Channels[c].Writable<float>()[r] = digits.Row(first + r)[c] + (float)(0.3 * noise.NextGaussian());
            }
        }

        return batch;
    }
}
