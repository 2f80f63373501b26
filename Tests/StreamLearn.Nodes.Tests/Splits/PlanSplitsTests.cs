namespace StreamLearn.Nodes.Tests;

/// <summary>Where devices are split, by what they and their links say.</summary>
public sealed class PlanSplitsTests
{
    private static readonly Network Model = new(new(8), 2, [new Dense(8), new Relu(), new Dense(8)], [new(2, new Dense(2))]);

    private static readonly PlanSplitsOptions Options = new()
    {
        Planner = new GreedySplit(),
        Server = new("edge") { Times = Times(1e-6) },
        Objective = new() { BatchRows = 2 },
        InitialBitsPerSecond = 1e9,
    };

    [Fact]
    public void A_link_that_carries_little_brings_the_layers_back_and_one_that_recovers_moves_them_again()
    {
        using var probe = Planning();
        probe.Send(Joins("a"));
        Assert.Equal(("a", 1), Said(probe));
        probe.Control(Link("a", 1e3));
        Assert.Equal(("a", 3), Said(probe));
        probe.Control(Link("a", 1e9));
        Assert.Equal(("a", 1), Said(probe));
    }

    [Fact]
    public void What_comes_on_the_topic_of_another_device_neither_removes_it_nor_speaks_for_its_link()
    {
        using var probe = Planning();
        probe.Send(Joins("a"), Joins("b"));
        Assert.Equal([("a", 1), ("b", 1)], new[] { Said(probe), Said(probe) }.Order());
        probe.Send((Joins("a") with { Round = new() { IsLast = true } }).SentBy("b"));
        probe.Control(Link("a", 1e3).SentBy("b"));
        Assert.Equal(("b", 3), Said(probe));
        probe.Control(Link("a", 1e3));
        Assert.Equal(("a", 3), Said(probe));
        Assert.Equal("probe b/1/1, 512 bytes", new LinkProbe
        {
            Device = "a",
            Epoch = 1,
            Sequence = 1,
            SentAt = OperatorProbe.Start,
            Bytes = 512,
        }.SentBy("b").ToString());
    }

    [Fact]
    public void What_a_device_knows_of_its_link_before_it_joins_counts_when_it_does()
    {
        using var probe = Planning();
        probe.Control(Link("a", 1e9), Link("a", 1e3), Link("b", 1e3));
        for (var i = 0; i < Options.MaxDevices - 1; i++) { probe.Control(Link($"c{i}", 1e9)); }
        probe.Send(Joins("a"), Joins("b"));
        Assert.Equal([("a", 1), ("b", 3)], new[] { Said(probe), Said(probe) });       // a's was the oldest of too many
        Assert.Equal(1, probe.Metrics.Drops["unknown-device"]);
    }

    [Fact]
    public void A_round_that_has_yet_to_come_counts_as_the_rows_that_the_device_said()
    {
        using var probe = Planning();
        probe.Send(Joins("a"));
        var ofABatch = probe.Expect<PlannedSplits>(1).Of("a")!.LocalSeconds;
        probe.Send(Joins("b") with { Round = new() { Rows = 2 * 20 } });
        Assert.Equal(20 * ofABatch, probe.Expect<PlannedSplits>(1).Of("b")!.LocalSeconds, 1e-9);
    }

    [Fact]
    public void A_device_that_has_sent_nothing_for_five_minutes_is_no_longer_planned_for()
    {
        using var probe = Planning();
        foreach (var device in new[] { "a", "b" }) { probe.Send(Joins(device)); }
        probe.Advance(TimeSpan.FromMinutes(4));
        probe.Send(Joins("a") with { Round = null, Sequence = 2 });
        probe.Advance(TimeSpan.FromMinutes(1));
        var plan = probe.TakeAll<PlannedSplits>(1)[^1];
        Assert.Equal(("b is silent", "a"), (plan.Why, Assert.Single(plan.Devices).Device));
        probe.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("a is silent", probe.TakeAll<PlannedSplits>(1)[^1].Why);
    }

    [Fact]
    public void A_device_whose_times_no_device_has_is_not_planned_for_and_one_that_was_stopped_is_not_ten_times_slower()
    {
        using var probe = Planning();
        probe.Send(Joins("evil") with { Resources = new() { Times = Times(1e300) } });
        Assert.Equal(1, probe.Metrics.Counter("devices-unplanned"));
        probe.Send(Joins("a"));
        probe.Send(Joins("a") with
        {
            Sequence = 3,
            Split = 1,
            Round = new() { Batches = 1, Rows = 2, TimePerBatch = TimeSpan.FromHours(1) },
        });
        var load = Assert.Single(probe.TakeAll<PlannedSplits>(1)[^1].Devices).Load;
        Assert.Equal(1 + (0.2 * 9), load, 1e-9);
    }

    private static OperatorProbe Planning() => OperatorProbe.From<Activations>(static (p, sent) =>
        OperatorProbe.Use(sent.PlanSplits(LayerCosts.Of(Model), p.Input<LinkEstimate>("links"), Options)));

    private static (string, int) Said(OperatorProbe probe)
    {
        var plan = probe.Expect<SplitPlan>();
        return (plan.Device!, plan.Split);
    }

    private static LayerTimes Times(double seconds) => new([seconds, 2 * seconds, 3 * seconds], [seconds, 2 * seconds, 3 * seconds]);

    private static Activations Joins(string device) => new()
    {
        Device = device,
        Epoch = 1,
        Sequence = 1,
        Split = 3,
        SchemaHash = Model.Plan.SchemaHash,
        Rows = 0,
        Round = new(),
        Resources = new() { Times = Times(0.01) },
    };

    private static LinkEstimate Link(string device, double rate) => new()
    {
        Device = device,
        BitsPerSecond = rate,
        At = OperatorProbe.Start,
        Kind = LinkEstimateKind.Probe,
    };
}
