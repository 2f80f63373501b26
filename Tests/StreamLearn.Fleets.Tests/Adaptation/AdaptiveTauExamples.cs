namespace StreamLearn.Fleets.Tests;

/// <summary>The code of the pages.</summary>
public sealed class AdaptiveTauExamples
{
    [Fact]
    public void A_fleet_learns_under_a_budget()
    {
        var model = new SoftmaxRegression(1, 2);
        var pipeline = Pipeline.Define("edge", p =>
        {
            var updates = p.Input<WeightDelta>("updates");
            var (versions, rounds) = updates.Aggregate(model, new AdaptiveTau(Devices: 5)
            {
                Budget = [Resource.Time(TimeSpan.FromMinutes(10)), Resource.Bytes(200_000_000)],
                Settings = new() { LearningRate = 0.01 },
            });
            versions.Discard();
            rounds.Discard();
        });

        Assert.Contains("AdaptiveTau { Devices = 5, Budget = 600 time_s + 200000000 bytes", $"{pipeline.ToMermaid()}",
            StringComparison.Ordinal);
    }
}
