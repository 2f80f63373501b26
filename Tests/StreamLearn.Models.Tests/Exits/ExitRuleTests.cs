using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Models.Tests;

public sealed class ExitRuleTests
{
    public static TheoryData<ExitMeasure> Measures => [.. Enum.GetValues<ExitMeasure>()];

    [Fact]
    public void Entropy_probability_and_margin_are_as_worked_by_hand()
    {
        float[] logits = [MathF.Log(0.7f), MathF.Log(0.2f), MathF.Log(0.1f), float.NegativeInfinity];
        Assert.Equal(-((0.7 * Math.Log(0.7)) + (0.2 * Math.Log(0.2)) + (0.1 * Math.Log(0.1))),
            Certainty.Of(ExitMeasure.Entropy, logits, 1), 1e-6);
        Assert.Equal(0.7, Certainty.Of(ExitMeasure.Probability, logits, 1), 1e-6);
        Assert.Equal(0.5, Certainty.Of(ExitMeasure.Margin, logits, 1), 1e-6);
        Assert.Equal(Math.Log(4), Certainty.Of(ExitMeasure.Entropy, [3, 3, 3, 3], 1), 1e-6);
        Assert.Equal(0, Certainty.Of(ExitMeasure.Entropy, [1000, -1000, 0], 1));
        Assert.Equal((1f, 0.5f), (Certainty.Of(ExitMeasure.Probability, [500, 0], 1), Certainty.Of(ExitMeasure.Probability, [7, 7], 1)));
    }

    [Fact]
    public void A_temperature_divides_the_logits()
    {
        foreach (var measure in Enum.GetValues<ExitMeasure>())
        {
            Assert.Equal(Certainty.Of(measure, [1, 0.5f, -2], 1), Certainty.Of(measure, [4, 2, -8], 4), 1e-6);
        }
    }

    [Fact]
    public void The_probabilities_are_those_of_the_network()
    {
        var random = new RandomStream(1, "logits");
        for (var classes = 2; classes < 40; classes++)
        {
            float[] logits = [.. Enumerable.Range(0, classes).Select(_ => (float)(4 * random.NextGaussian()))];
            var (ours, networks) = (new float[classes], logits.ToArray());
            Certainty.Probabilities(logits, 1, ours);
            Softmax.Probabilities(networks);
            Assert.Equal(networks, ours);
            Assert.Equal(networks.Max(), Certainty.Of(ExitMeasure.Probability, logits, 1));
        }
    }

    [Theory, MemberData(nameof(Measures))]
    public void Logits_that_are_no_numbers_never_leave_early(ExitMeasure measure)
    {
        foreach (var threshold in new[] { float.NegativeInfinity, 0, 0.5f, float.PositiveInfinity })
        {
            var rule = new ExitRule(measure, [threshold]);
            Assert.False(rule.Leaves(0, [float.NaN, 1, 2]));
            Assert.False(rule.Leaves(0, [1, 2, float.NaN]));
            Assert.False(rule.Leaves(0, [float.PositiveInfinity, 1]));
            Assert.False(rule.Leaves(0, [float.NegativeInfinity, float.NegativeInfinity]));
            Assert.True(rule.Leaves(1, [float.NaN, 1, 2]));
        }
    }

    [Fact]
    public void Entropy_below_its_threshold_leaves_and_the_others_at_or_above_theirs()
    {
        var entropy = Certainty.Of(ExitMeasure.Entropy, [2, 1, 0], 1);
        Assert.False(new ExitRule(ExitMeasure.Entropy, [entropy]).Leaves(0, [2, 1, 0]));
        Assert.True(new ExitRule(ExitMeasure.Entropy, [MathF.BitIncrement(entropy)]).Leaves(0, [2, 1, 0]));
        Assert.True(new ExitRule(ExitMeasure.Probability, [0.5f]).Leaves(0, [1, 1]));
        Assert.False(new ExitRule(ExitMeasure.Probability, [MathF.BitIncrement(0.5f)]).Leaves(0, [1, 1]));
        Assert.True(new ExitRule(ExitMeasure.Margin, [0]).Leaves(0, [1, 1]));
    }

    [Fact]
    public void A_decision_depends_on_logits_and_threshold_alone_and_goes_one_way() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(23, 29),
        Prop.ForAll(
            ArbMap.Default.ArbFor<(float[] Logits, float A, float B, int Measure)>(),
            sample =>
            {
                if (sample.Logits.Length == 0 || float.IsNaN(sample.A) || float.IsNaN(sample.B)) { return true; }
                var measure = (ExitMeasure)(Math.Abs((long)sample.Measure) % 3);
                var (low, high) = (MathF.Min(sample.A, sample.B), MathF.Max(sample.A, sample.B));
                bool Leaves(float threshold) => new ExitRule(measure, [threshold]).Leaves(0, sample.Logits);
                var (atLow, atHigh) = (Leaves(low), Leaves(high));
                var oneWay = measure == ExitMeasure.Entropy ? !atLow || atHigh : !atHigh || atLow;
                var repeated = atLow == new ExitRule(measure, [9, low]).Leaves(1, [.. sample.Logits]);
                return oneWay && repeated && !(sample.Logits.Any(float.IsNaN) && (atLow || atHigh));
            }));

    [Fact]
    public void Rules_compare_and_print_by_value()
    {
        Assert.Equal(new ExitRule(ExitMeasure.Margin, [0.5f, 1]), new ExitRule(ExitMeasure.Margin, [0.5f, 1]));
        Assert.Equal(ExitRule.Never(3).GetHashCode(), new ExitRule(ExitMeasure.Entropy, [0, 0]).GetHashCode());
        Assert.NotEqual(ExitRule.Never(3), ExitRule.Never(2));
        Assert.NotEqual(ExitRule.Never(3), ExitRule.Never(3) with { Temperature = 2 });
        Assert.Equal("probability ≥ [0.9, 0.9]", ExitRule.WhenConfident(3, 0.9f).ToString());
        Assert.Equal("entropy < [0.5], temperature 1.5", (new ExitRule(ExitMeasure.Entropy, [0.5f]) { Temperature = 1.5f }).ToString());
    }

    [Fact]
    public void Thresholds_and_temperatures_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ExitRule(ExitMeasure.Entropy, [float.NaN]));
        Assert.Throws<ArgumentException>(() => ExitRule.Never(2) with { Thresholds = [float.NaN] });
        Assert.Throws<ArgumentException>(() => new ExitRule(ExitMeasure.Entropy, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitRule.Never(2) with { Temperature = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitRule.Never(2) with { Temperature = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitRule.WhenConfident(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExitRule.WhenConfident(0, 0.5f));
    }

    [Fact]
    public void Temperature_scaling_finds_the_temperature_that_the_labels_were_drawn_with()
    {
        var random = new RandomStream(3, "temperature");
        var (logits, labels) = (new float[4 * 20_000], new int[20_000]);
        var probabilities = new float[4];
        for (var r = 0; r < labels.Length; r++)
        {
            var row = logits.AsSpan(4 * r, 4);
            foreach (ref var logit in row) { logit = (float)(5 * random.NextGaussian()); }
            Certainty.Probabilities(row, 2.5f, probabilities);
            var draw = random.NextDouble();
            while (labels[r] < 3 && (draw -= probabilities[labels[r]]) > 0) { labels[r]++; }
        }

        Assert.InRange(ExitRule.FitTemperature(logits, labels), 2.4f, 2.6f);     // the sample's own best is not quite the true one
        Assert.Throws<ArgumentException>(() => ExitRule.FitTemperature([1, 2, 3], [0, 1]));
        Assert.Throws<ArgumentException>(() => ExitRule.FitTemperature([], []));
    }
}
