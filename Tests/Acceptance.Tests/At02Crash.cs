using Papers;

namespace Acceptance.Tests;

/// <summary>Section 2.4: aggregator and nodes of adaptive tau crash in the middle of it and go on from their checkpoints.</summary>
public sealed class At02Crash
{
    private const int Crashes = 3;      // of the aggregator, and as many of a node
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(700);

    private static readonly TauFleetSettings Small = new()
    {
        Case = DataCase.ByLabel,
        Digits = 2_000,
        UnseenDigits = 500,
        Timing = TimingModel.Stochastic.Steady,
        AddedDelay = TimeSpan.FromMilliseconds(300),        // a version waits at the aggregator when it crashes
        Checkpoints = new() { Every = TimeSpan.FromMilliseconds(10), HoldAtMost = TimeSpan.Zero },      // at any time of a round
    };

    /// <summary>Each step and each aggregation is paid for by a price of its own, however long it takes.</summary>
    private static readonly Resource Scripted = Resource.Money(10) with { Step = 0.004, Aggregation = 0.05 };

    public static TheoryData<int> Seeds => LongForm.IsAsked ? [0, 1, 2] : [0];

    public static TheoryData<string, int> Budgets =>
    [
        .. from resource in new[] { Resource.BytesName, Scripted.Name }
           from seed in Enumerable.Range(0, Seeds.Count)
           select new TheoryDataRow<string, int>(resource, seed),
    ];

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Where_costs_are_scripted_or_bytes_alone_count_a_fleet_that_crashes_learns_the_bits_of_one_that_does_not(
        string resource, int seed)
    {
        var settings = Small with
        {
            Seed = seed,
            Resources = [resource == Scripted.Name ? Scripted : Resource.Bytes(LongForm.IsAsked ? 1_500_000 : 1_000_000)],
        };
        var undisturbed = Run(settings);

        var crashed = Run(settings with { Crashes = CrashesOver(undisturbed.Length, seed) });

        Assert.Equal(2 * Crashes, crashed.Restarts);
        Assert.InRange(undisturbed.Steps.Length, 10, 1000);
        Assert.Equal(undisturbed.Steps, crashed.Steps);
        Assert.Equal((undisturbed.Best, undisturbed.Newest), (crashed.Best, crashed.Newest));
        // how long a round took is of the clock, and a machine was away: it is no bit of what was learned
        Assert.Equal(undisturbed.Result with { ShareUnderSecond = null }, crashed.Result with { ShareUnderSecond = null });
    }

    /// <summary>The time for which a node is away counts: its round has taken so much longer. No other does. All steps are on a hundred
    /// rows here, or their costs would vary.</summary>
    [LongTheory]
    [MemberData(nameof(Seeds))]
    public void With_measured_time_the_budget_of_a_fleet_that_crashes_holds(int seed)
    {
        var settings = Small with { Seed = seed, Case = DataCase.Uniform };
        var crashed = Run(settings with { Crashes = CrashesOver(settings.Budget, seed) });

        Assert.Equal(2 * Crashes, crashed.Restarts);
        Assert.InRange(crashed.Result.UsedSeconds, 0.95 * settings.Budget.TotalSeconds, settings.Budget.TotalSeconds);
    }

    /// <summary>At moments between a tenth and seven tenths of a run, first of the aggregator, then of a node, in turn.</summary>
    private static ImmutableArray<PlannedCrash> CrashesOver(TimeSpan length, int seed)
    {
        var random = new RandomStream(seed, "crashes");
        return
        [
            .. Enumerable.Range(0, 2 * Crashes).Select(c => new PlannedCrash(
                length * (0.1 + (0.1 * (c + random.NextDouble()))), Away * random.NextDouble(), c % 2 == 0 ? null : random.NextInt32(5))),
        ];
    }

    private static FleetEnd Run(TauFleetSettings settings)
    {
        using var fleet = new TauFleet(settings);
        var result = fleet.Run(TestContext.Current.CancellationToken);
        return new(result, [.. fleet.Steps.Select(static s => s.Steps)], fleet.Best!.Sha256(), fleet.Newest!.Sha256(),
            fleet.Steps[^1].At, fleet.Restarts);
    }

    private sealed record FleetEnd(TauResult Result, ImmutableArray<int> Steps, string Best, string Newest, TimeSpan Length, int Restarts);
}
