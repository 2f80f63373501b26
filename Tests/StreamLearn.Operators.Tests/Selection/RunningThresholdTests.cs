using FsCheck.Fluent;

namespace StreamLearn.Operators.Tests;

public sealed class RunningThresholdTests
{
    public static TheoryData<string> Streams => ["steady", "falling", "rising", "equal", "steps", "alternating"];

    [Theory, MemberData(nameof(Streams))]
    public void The_number_kept_is_the_fraction_of_any_stream(string stream)
    {
        foreach (var fraction in new[] { 0.01, 0.05, 0.2, 0.5, 0.9, 1 })
        {
            var threshold = new RunningThreshold(fraction, new(1, "test"));
            var random = new RandomStream(2, "scores");
            var kept = 0;
            for (var i = 0; i < 10_000; i++)
            {
                if (threshold.Keep(Score(stream, i, random))) { kept++; }
                Assert.InRange(kept - (fraction * (i + 1)), -17, 17);
            }
            if (stream != "rising" && stream != "falling") { Assert.InRange(kept, (fraction * 9_800) - 4, (fraction * 10_200) + 4); }
        }
    }

    [Fact]
    public void Of_a_steady_stream_the_highest_scores_are_kept()
    {
        var threshold = new RunningThreshold(0.2, new(1, "test"));
        var random = new RandomStream(2, "scores");
        var (high, kept) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var score = (float)random.NextDouble();
            if (!threshold.Keep(score)) { continue; }
            kept++;
            if (score > 0.75) { high++; }
        }

        Assert.True(high > 0.93 * kept, $"{high} of the {kept} kept are of the highest quarter");
    }

    [Fact]
    public void Scores_that_have_fallen_for_good_are_compared_with_each_other()
    {
        var threshold = new RunningThreshold(0.25, new(1, "test"));
        var random = new RandomStream(2, "scores");
        for (var i = 0; i < 5000; i++) { threshold.Keep(10 + (float)random.NextDouble()); }
        for (var i = 0; i < 300; i++) { threshold.Keep((float)random.NextDouble()); }
        var (high, kept) = (0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var score = (float)random.NextDouble();
            if (!threshold.Keep(score)) { continue; }
            kept++;
            if (score > 0.7) { high++; }
        }

        Assert.True(high > 0.93 * kept, $"{high} of the {kept} kept are of the highest 30 %");
    }

    [Fact]
    public void A_budget_is_kept_to_within_17_items_against_any_demand()
    {
        var demands = from fraction in Gen.Choose(1, 100) from wants in Gen.Choose(0, 2).ArrayOf() select (fraction, wants);
        TimedRows.Holds(demands, demand =>
        {
            var (fraction, kept) = (demand.fraction / 100.0, 0);
            var budget = new Budget(fraction);
            for (var i = 0; i < 40 * demand.wants.Length; i++)
            {
                // what is kept is what a worst enemy would have kept, where the share leaves a choice
                var wants = demand.wants[i % demand.wants.Length] > 0;
                var keeps = budget.Share switch { 0 => false, 1 => true, _ => wants };
                budget.Count(keeps);
                if (keeps) { kept++; }
                Assert.InRange(kept - (fraction * (i + 1)), -17, 17);
            }
        });
    }

    private static float Score(string stream, int i, RandomStream random) => stream switch
    {
        "steady" => (float)random.NextGaussian(),
        "falling" => -i,
        "rising" => i,
        "equal" => 0.5f,
        "steps" => (i / 1000) + (float)random.NextDouble(),
        _ => i % 2,
    };
}
