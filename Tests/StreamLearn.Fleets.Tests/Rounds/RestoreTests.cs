namespace StreamLearn.Fleets.Tests;

/// <summary>An aggregator that starts again, and devices that knew the one before.</summary>
public sealed class RestoreTests
{
    private static readonly AggregateOptions Waiting = new() { Restore = TimeSpan.FromSeconds(3), Averaging = Averaging.None };

    private static readonly Weights Kept = Updates.Model.Initial with
    {
        Version = 10,
        Epoch = 4,
        Values = [.. Updates.Model.Initial.Values.Select(v => v + 1)],
    };

    [Fact]
    public void It_is_closed_until_the_version_comes_and_goes_on_from_it()
    {
        using var probe = Probe(new FedBuff(1), Waiting);
        Assert.False(probe.Ready);
        probe.Control(Kept);
        Assert.True(probe.Ready);
        Assert.Equal(1, probe.Metrics.Counter("restored"));
        probe.Send(Updates.Of("a", 1, 2, baseVersion: 10) with { BaseEpoch = 5 });
        var made = probe.Take<Round>(port: 1).Made;
        Assert.Equal(new(5, 11), made.Id);
        Assert.All(Updates.Moved(made), moved => Assert.Equal(1 + 2, moved, 1e-5f));
    }

    [Fact]
    public void An_update_that_names_a_version_before_the_restored_one_as_this_epochs_is_refused()
    {
        using var probe = Probe(new FedAsync(4), Waiting);
        probe.Control(Kept);
        probe.Send(Updates.Of("a", 1, 2, baseVersion: 9) with { BaseEpoch = 5 });
        probe.Send(Updates.Of("a", 2, 2, baseVersion: 10) with { BaseEpoch = 5 });
        Assert.Equal(1, probe.Metrics.Drops["old-epoch"]);
        Assert.Equal(11, probe.Take<Round>(port: 1).Version);
    }

    [Fact]
    public void Its_epoch_is_at_least_the_one_after_the_versions()
    {
        using var probe = Probe(new FedBuff(1), Waiting with { Epoch = 9 });
        probe.Control(Kept);
        probe.Send(Updates.Of("a", 1, 1, baseVersion: 10) with { BaseEpoch = 9 });
        Assert.Equal(new(9, 11), probe.Take<Round>(port: 1).Made.Id);
    }

    [Fact]
    public void When_the_time_is_up_it_begins_with_the_initial_model()
    {
        using var probe = Probe(new FedBuff(1), Waiting with { Epoch = 2 });
        probe.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.True(probe.Ready);
        probe.Send(Updates.Of("a", 1, 1));
        probe.Control(Kept);
        Assert.Equal(1, probe.Metrics.Drops["not-restoring"]);
        Assert.Equal(new(2, 1), probe.Take<Round>(port: 1).Made.Id);
    }

    [Fact]
    public void A_version_that_comes_late_counts_while_none_has_been_made_in_its_place()
    {
        using var probe = Probe(new FedBuff(2), Waiting with { Epoch = 2 });
        probe.Advance(TimeSpan.FromSeconds(3));
        probe.Send(Updates.Of("a", 1, 2));
        probe.Control(Kept);
        probe.Send(Updates.Of("a", 2, 2, baseVersion: 11) with { BaseEpoch = 5 });
        probe.Send(Updates.Of("b", 1, 2, baseVersion: 11) with { BaseEpoch = 5 });
        var rounds = probe.TakeAll<Round>(1);
        Assert.Equal([new(5, 11), new ModelVersion(5, 12)], rounds.Select(static r => r.Made.Id));
        Assert.Equal([new("a", 1, 1, "void-round")], rounds[0].Refusals);
        Assert.All(Updates.Moved(rounds[1].Made), moved => Assert.Equal(1 + 2, moved, 1e-5f));
    }

    [Fact]
    public void Where_it_waits_for_its_connections_the_time_begins_with_the_last_of_them()
    {
        using var probe = Probe(new FedBuff(1), Waiting with { RestoreOnceConnected = true });
        probe.Advance(TimeSpan.FromMinutes(10));
        Assert.False(probe.Ready);
        probe.Control(Link("updates", 1), Link("control", 0, isConnected: false));
        probe.Advance(TimeSpan.FromMinutes(1));
        Assert.False(probe.Ready);
        probe.Control(Link("control", 1));
        probe.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.False(probe.Ready);
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.True(probe.Ready);
    }

    [Fact]
    public void A_connection_that_is_lost_while_it_waits_begins_the_time_anew()
    {
        using var probe = Probe(new FedBuff(1), Waiting with { RestoreOnceConnected = true });
        probe.Control(Link("control", 1));
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Control(Link("control", 1, isConnected: false));
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Control(Link("control", 2));
        probe.Advance(TimeSpan.FromSeconds(2));
        Assert.False(probe.Ready);
        probe.Control(Kept);
        Assert.True(probe.Ready);
        Assert.Equal(1, probe.Metrics.Counter("restored"));
    }

    [Fact]
    public void A_version_of_another_model_or_one_that_is_not_finite_is_none_to_go_on_from()
    {
        using var probe = Probe(new FedBuff(1), Waiting);
        probe.Control(Kept with { SchemaHash = 1 }, Kept with { Values = [1] });
        probe.Control(Kept with { Values = [.. Kept.Values.Select(_ => float.NaN)] });
        Assert.False(probe.Ready);
        Assert.Equal(3, probe.Metrics.Drops["schema"]);
    }

    [Fact]
    public void Devices_that_hold_a_version_of_the_earlier_aggregator_get_this_ones_at_once()
    {
        using var probe = Probe(new FedBuff(10), Waiting);
        probe.Control(Say("early", PresenceKind.Heartbeat, new(4, 10)));
        Assert.Empty(probe.Versions());
        probe.Control(Kept);
        Assert.Equal([("early", new ModelVersion(5, 10))], probe.Versions());
        probe.Control(Say("holding", PresenceKind.Holding, new(4, 10)));
        probe.Send(Updates.Of("update", 1, 1, baseVersion: 10) with { BaseEpoch = 4, Held = new(4, 12) });
        probe.Control(Say("new", PresenceKind.Hello));
        Assert.Equal(["holding", "update", "new"], probe.TakeAll<Weights>().Select(w => w.Recipient));
        probe.Control(Say("holding", PresenceKind.Holding, new(5, 10)));
        probe.Control(Say("holding", PresenceKind.Holding, new(4, 10)));        // late
        Assert.Equal(["update/1: 1 Refused-old-epoch"], probe.Receipts());
    }

    [Fact]
    public void No_device_holds_a_restored_version_from_its_start_though_its_number_is_that_of_the_initial_model()
    {
        using var probe = Probe(new FedBuff(10), Waiting);
        probe.Control(Say("early", PresenceKind.Hello), Kept with { Version = 0 }, Say("late", PresenceKind.Hello));
        Assert.Equal([("early", new(5, 0)), ("late", new ModelVersion(5, 0))], probe.Versions());
    }

    [Fact]
    public void A_device_that_goes_on_saying_what_it_held_gets_one_version_no_more()
    {
        using var probe = Probe(new FedBuff(10), Waiting);
        probe.Control(Kept);
        for (var i = 0; i < 5; i++) { probe.Control(Say("a", PresenceKind.Heartbeat, new(4, 12))); }
        Assert.Equal([("a", new ModelVersion(5, 10))], probe.Versions());
    }

    [Fact]
    public void Updates_from_versions_of_an_earlier_aggregator_are_refused_and_those_from_the_initial_model_taken()
    {
        using var probe = Probe(new FedBuff(10), new() { Epoch = 3 });
        probe.Send(Updates.Of("a", 1, 1) with { BaseEpoch = 2 }, Updates.Of("a", 2, 1) with { BaseEpoch = 1 });
        probe.Send(Updates.Of("a", 3, 1), Updates.Of("a", 4, 1) with { BaseEpoch = 3 });
        Assert.Equal("a/1: 4 Held 3 Held 2 Refused-old-epoch 1 Refused-old-epoch", probe.Receipts()[^1]);
        Assert.Equal(2, probe.Metrics.Drops["old-epoch"]);
    }

    [Fact]
    public void What_was_learned_from_the_initial_model_may_be_in_a_version_that_was_restored()
    {
        using var probe = Probe(new FedBuff(10), Waiting);
        probe.Control(Kept);
        probe.Send(Updates.Of("a", 1, 1));
        Assert.Equal(["a/1: 1 Refused-old-epoch"], probe.Receipts());
    }

    [Fact]
    public void An_update_from_a_version_that_there_is_not_is_refused_though_its_start_is_right()
    {
        using var probe = Probe(new FedBuff(10), Waiting);
        probe.Control(Kept);
        probe.Send(Updates.Of("a", 1, 1, baseVersion: 11) with { BaseEpoch = 5 });
        Assert.Equal(["a/1: 1 Refused-version"], probe.Receipts());
    }

    [Fact]
    public void The_version_that_was_made_flows_out_of_rounds()
    {
        using var probe = Testing.OperatorProbe.Of<Round, Weights>(flow => flow.Made());
        probe.Send(new Round
        {
            Averaged = Updates.Model.Initial,
            Made = Kept,
            Contributions = [],
            Refusals = [],
            Stragglers = [],
            StartedAt = probe.Now,
            Ended = probe.Now,
        });
        Assert.Same(Kept, probe.Take<Weights>());
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new FedBuff(1), new() { Restore = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new FedBuff(1), new() { Epoch = -1 }));
    }

    private static ConnectionChange Link(string session, long connects, bool isConnected = true) =>
        new() { Transport = "t", Session = session, IsConnected = isConnected, Connects = connects };
}
