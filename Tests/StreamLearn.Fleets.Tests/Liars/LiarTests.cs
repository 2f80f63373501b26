namespace StreamLearn.Fleets.Tests;

/// <summary>A device that says anything, among four that do not, with every strategy.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class LiarTests
{
    private const int PerSecond = 500;
    private const long Mebibyte = 1 << 20;
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(LongForm.IsAsked ? 400 : 100);

    public static TheoryData<Strategy, bool> Strategies()
    {
        TheoryData<Strategy, bool> all = [];
        foreach (var (i, strategy) in All.Index())
        {
            foreach (var isCareful in LongForm.IsAsked ? [false, true] : new[] { i % 2 == 0 }) { all.Add(strategy, isCareful); }
        }
        return all;
    }

    private static Strategy[] All =>
    [
        new FedAvg(4), new FedAvg(4) { Cohort = Cohort.Random(3) }, new FedProx(4), new FedAvgM(4, Momentum: 0.5f),
        new FedAdagrad(4, 0.05f), new FedAdam(4, 0.05f), new FedYogi(4, 0.05f), new FedMedian(4), new FedTrimmedMean(4, 0.2f),
        new OneShot(4), new FedBuff(4), new FedBuff(1), new FedAsync(5),
    ];

    [Theory, MemberData(nameof(Strategies))]
    public void A_liar_takes_little_from_the_others(Strategy strategy, bool isCareful)
    {
        using LiarFleet honest = new(strategy, 0);
        honest.Run(Half);
        var honestFirst = honest.Accepted;
        honest.Run(Half);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using LiarFleet attacked = new(strategy, PerSecond, isCareful);
        attacked.Run(Half);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        using var resumed = LiarFleet.Resumed(attacked);
        resumed.Run(Half);

        Assert.All(attacked.World.Devices.Concat(resumed.World.Devices), static d => Assert.Null(d.Failure));
        Assert.True(resumed.World.Devices[^1].Metrics["lie"].ItemsIn >= 2 * Half.TotalSeconds * PerSecond * 0.99);
        Assert.InRange(grown, long.MinValue, 64 * Mebibyte);
        Assert.Equal(Enumerable.Range(1, resumed.Rounds.Count), resumed.Rounds.Select(static r => (int)r.Version));
        var (first, second) = (attacked.Accepted, resumed.Accepted - attacked.Accepted);
        var figures = $"{strategy} {isCareful}: accepted {first} + {second} of {honestFirst} + {honest.Accepted - honestFirst}, "
            + $"accuracy {resumed.Accuracy:f3} of {honest.Accuracy:f3}, versions {resumed.Rounds.Count} of {honest.Rounds.Count}, "
            + $"{grown / (double)Mebibyte:f1} MiB";
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        // a false aggregator takes more, while it speaks and up to a minute longer
        Assert.True(isCareful ? first + second >= 0.95 * honest.Accepted : second >= 0.95 * (honest.Accepted - honestFirst), figures);
        Assert.True(resumed.Accuracy >= honest.Accuracy - 0.02, $"{figures}\n{resumed.Edge.Metrics}");
    }
}

/// <summary>Tests that measure memory run while no other test does.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
