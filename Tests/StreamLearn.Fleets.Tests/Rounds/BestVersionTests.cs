namespace StreamLearn.Fleets.Tests;

/// <summary>The version that is in use, by what devices measure on rows that they hold back.</summary>
public sealed class BestVersionTests
{
    private static readonly string[] Devices = ["a", "b", "c"];
    private static readonly AggregateOptions Plain = new() { Averaging = Averaging.None, Steer = new BestVersion() };

    public static TheoryData<Strategy> Strategies =>
        [new FedAvg(3), new FedProx(3), new FedBuff(3), new FedMedian(3), new FedAdam(3), new FedAsync(3)];

    [Theory, MemberData(nameof(Strategies))]
    public void The_version_with_the_least_loss_on_rows_held_back_stays_in_use(Strategy strategy)
    {
        using var probe = Updates.Probe(strategy, Plain);
        var start = Send(probe, sequence: 1, at: 0, null);
        var first = Send(probe, 2, start.Version, new(10, 1, null));
        Assert.NotNull(first.Best);
        var better = Send(probe, 3, first.Version, new(10, 0.5f, 1));
        Assert.True(better.Best!.Value.Version > first.Best.Value.Version);
        var worse = Send(probe, 4, better.Version, new(10, 2, 0.5f));
        Assert.Equal(better.Best.Value.Version, worse.Best!.Value.Version);
        Assert.Equal(better.Averaged.Values, worse.Averaged.Values);
        Assert.NotEqual(worse.Made.Values, worse.Averaged.Values);
        Assert.Contains(worse.Made.Directives, static d => d.Best is not null);
    }

    [Fact]
    public void What_the_strategy_tells_devices_is_told_as_well()
    {
        using var probe = Updates.Probe(new FedProx(3, Mu: 0.25f), Plain);
        Send(probe, 1, 0, null);
        var round = Send(probe, 2, 1, new(10, 1, null));
        var directive = Assert.Single(round.Made.Directives);
        Assert.Equal((0.25f, new ModelVersion(0, 1)), (directive.Proximal, directive.Best));
    }

    [Fact]
    public void Where_nothing_becomes_better_devices_pause_and_learning_ends()
    {
        var rule = new BestVersion { SlowWhenNoBetterFor = TimeSpan.FromMinutes(1), StopWhenNoBetterFor = TimeSpan.FromMinutes(3) };
        using var probe = Updates.Probe(new FedAvg(3), Plain with { Steer = rule });
        Send(probe, 1, 0, null);
        Send(probe, 2, 1, new(10, 1, null));
        Round? last = null;
        for (var r = 3; r <= 6; r++)
        {
            probe.Advance(TimeSpan.FromSeconds(50));
            last = Send(probe, r, r - 1, new(10, 2, 1));
            Assert.Equal(r is 4 or 5, last.Made.Directives is [{ Pause: not null }]);
        }

        Assert.True(last!.IsLast);
        Assert.Equal("version 6 of 3 updates, version 1 is the best, for 200 s", last.ToString());
        Assert.Empty(last.Made.Invited!.Value);
    }

    [Fact]
    public void A_barrier_does_not_wait_for_devices_that_rest_and_makes_no_version_when_all_do()
    {
        using var probe = Updates.Probe(new FedAvg(3), Plain with { Steer = Steer.None });
        Send(probe, 1, 0, null);
        foreach (var device in Devices[..2]) { probe.Send(Updates.Of(device, 2, 0, 1, samples: 0) with { Resting = true }); }
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("c", 2, 1, 1));
        Assert.Equal(2, Taken(probe).Version);      // of one device
        probe.Send(Updates.Of("c", 3, 1, 2));
        Assert.Equal(3, Taken(probe).Version);
        probe.Send(Updates.Of("c", 4, 0, 3, samples: 0) with { Resting = true });
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("a", 3, 1, 3));
        Assert.Equal(4, Taken(probe).Version);
    }

    [Fact]
    public void Devices_that_learn_for_longer_do_not_make_an_asynchronous_model_theirs()
    {
        using var probe = Updates.Probe(new FedBuff(1), Plain with { Steer = Steer.None });
        foreach (var device in Devices) { probe.Send(Updates.Of(device, 1, 0, 0)); }
        Taken(probe);
        foreach (var device in Devices[..2]) { probe.Send(Updates.Of(device, 2, 0, 3, samples: 0) with { Resting = true }); }
        probe.Send(Updates.Of("c", 2, 1, 3));
        Assert.All(Updates.Moved(Taken(probe).Made), static value => Assert.Equal(1 / 3f, value, 1e-6f));
    }

    [Fact]
    public void A_restarted_aggregator_knows_the_best_version()
    {
        var before = States.Aggregate(States.Context(goesOn: true), new FedAvg(3), Plain);
        var after = States.Aggregate(States.Context(goesOn: true), new FedAvg(3), Plain);
        foreach (var (update, loss) in new (int, HeldBackLoss?)[] { (1, null), (2, new(10, 1, null)) })
        {
            foreach (var device in Devices) { before.Process(Updates.Of(device, update, 1, update - 1) with { HeldBack = loss }); }
        }
        States.Carry(before.State, after.State);
        Assert.Equal(States.Written(before.State), States.Written(after.State));
    }

    private static Round Send(OperatorProbe probe, int sequence, long at, HeldBackLoss? loss)
    {
        foreach (var device in Devices) { probe.Send(Updates.Of(device, sequence, 1, at) with { HeldBack = loss }); }
        return Taken(probe);
    }

    private static Round Taken(OperatorProbe probe)
    {
        probe.TakeAll<Weights>();
        return probe.TakeAll<Round>(1)[^1];
    }
}
