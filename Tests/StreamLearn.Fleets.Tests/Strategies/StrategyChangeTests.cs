namespace StreamLearn.Fleets.Tests;

/// <summary>An aggregator goes on with another strategy while it runs.</summary>
public sealed class StrategyChangeTests
{
    private const string Barrier = "barrier";
    private static readonly Directive InStep = new() { Pace = TrainPace.LockStep };

    private static readonly AggregateOptions Options = new()
    {
        Averaging = Averaging.None,
        Others =
        [new(Barrier, new FedAvg(2) { Directive = InStep }), new("momentum", new FedAvgM(2)), new("mixing", new FedAsync(2))],
    };

    [Fact]
    public void The_open_round_ends_with_what_it_has_and_the_version_tells_devices_of_the_new_pace()
    {
        using var probe = Probe();
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 3));
        probe.Control(new StrategyChoice(Barrier));
        var round = probe.Take<Round>(port: 1);
        Assert.Equal(["a", "b"], round.Contributions.Select(static c => c.Device).Order());
        Assert.All(Updates.Moved(round.Made), static v => Assert.Equal(2, v, 1e-6));
        Assert.Equal([InStep], round.Made.Directives);
        Assert.Equal(Barrier, round.Strategy);
        Assert.Equal(1, probe.Metrics.Counter("strategy-changes"));
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(0, probe.Count(1));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1));
        Assert.Equal(2, probe.Take<Round>(port: 1).Version);
    }

    [Fact]
    public void Devices_that_wait_at_a_barrier_get_a_version_at_once_though_nothing_has_come()
    {
        using var probe = Probe();
        probe.Send(Updates.Of("a", 1, 1));
        probe.Control(new StrategyChoice(Barrier));
        probe.Take<Round>(port: 1);
        probe.Control(new StrategyChoice(""));
        var round = probe.Take<Round>(port: 1);
        Assert.True(round.Void);
        Assert.Equal(2, round.Version);
    }

    [Fact]
    public void Nobody_is_told_while_no_device_is_known_and_unknown_names_are_dropped()
    {
        using var probe = Probe();
        probe.Control(new StrategyChoice(Barrier), new StrategyChoice("nobody"), new StrategyChoice(Barrier));
        Assert.Equal(0, probe.Count(1));
        Assert.Equal(1, probe.Metrics.Drops["unknown-strategy"]);
        Assert.Equal(1, probe.Metrics.Counter("strategy-changes"));
    }

    /// <summary>One that goes on from the state does the same with what follows, whatever strategy its settings begin with.</summary>
    [Theory, InlineData("momentum"), InlineData("mixing"), InlineData(Barrier), InlineData("")]
    public void The_strategy_in_use_and_what_it_keeps_are_part_of_the_state(string name)
    {
        var (first, second) = (Make(), Make());
        first.Control(new StrategyChoice("mixing"));
        first.Process(Updates.Of("a", 1, 1));
        first.Control(new StrategyChoice(name));
        first.Process(Updates.Of("b", 1, 2, baseVersion: 1));

        States.Carry(first.State, second.State);
        Assert.Equal(States.Written(first.State), States.Written(second.State));

        for (var i = 2; i < 5; i++)
        {
            foreach (var (device, value) in new[] { ("a", 1), ("b", 2) })
            {
                first.Process(Updates.Of(device, i, value, baseVersion: 1));
                second.Process(Updates.Of(device, i, value, baseVersion: 1));
                Assert.Equal(States.Written(first.State), States.Written(second.State));
            }
        }

        Assert.NotEqual(States.Written(Make().State), States.Written(second.State));
    }

    [Fact]
    public void A_state_of_a_strategy_that_is_not_there_any_more_is_refused()
    {
        var first = Make();
        first.Control(new StrategyChoice(Barrier));
        var refused = Assert.Throws<StateException>(() =>
            States.Carry(first.State, States.Aggregate(States.Context(), new FedBuff(3), Options with { Others = [] }).State));
        Assert.Contains($"got '{Barrier}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Momentum_begins_anew_when_its_strategy_comes_back()
    {
        using var probe = Probe();
        probe.Control(new StrategyChoice("momentum"));
        Send(probe, 1, baseVersion: 0);
        probe.Control(new StrategyChoice(Barrier), new StrategyChoice("momentum"));
        var before = probe.TakeAll<Round>(port: 1)[^1].Made;
        Send(probe, 2, before.Version);
        var after = probe.TakeAll<Round>(port: 1)[^1].Made;
        Assert.All(after.Values.Zip(before.Values).Skip(2), static v => Assert.Equal(1, v.First - v.Second, 1e-6));
    }

    private static void Send(OperatorProbe probe, long sequence, long baseVersion) =>
        probe.Send(Updates.Of("a", sequence, 1, baseVersion), Updates.Of("b", sequence, 1, baseVersion));

    private static Aggregate Make() => States.Aggregate(States.Context(goesOn: true), new FedBuff(3), Options);

    private static OperatorProbe Probe() => OperatorProbe.From<WeightDelta>((p, flow) =>
        OperatorProbe.Use(flow.Aggregate(Updates.Model, new FedBuff(3), Options).ControlledBy(p.Input<StrategyChoice>("choices"))));
}
