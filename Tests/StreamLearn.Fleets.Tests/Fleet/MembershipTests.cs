namespace StreamLearn.Fleets.Tests;

/// <summary>Devices that join, leave, die and come back.</summary>
public sealed class MembershipTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_hello_that_comes_after_the_farewell_of_its_epoch_brings_nobody_back()
    {
        using var probe = OperatorProbe.From<WeightDelta>((p, updates) =>
            OperatorProbe.Use(updates.Aggregate(Updates.Model, new FedAvg(1)).ControlledBy(p.Input<Presence>("presence"))));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1) with { Leaving = true });
        probe.Control(Say("b", PresenceKind.Hello));
        Assert.Equal(1, probe.Metrics.Gauges["devices-alive"]);
        probe.Control(Say("b", PresenceKind.Hello, epoch: 2));
        Assert.Equal(2, probe.Metrics.Gauges["devices-alive"]);
    }

    [Fact]
    public void A_hello_joins_but_is_not_waited_for_until_the_device_has_data()
    {
        using var probe = Probe(new FedAvg(1));
        probe.Control(Say("b", PresenceKind.Hello));
        probe.Send(Updates.Of("a", 1, 1));
        Assert.Equal(1, probe.Count());
        Assert.Equal((2.0, 1.0), (probe.Metrics.Gauges["devices-alive"], probe.Metrics.Gauges["devices-with-data"]));
        probe.Send(InvitationTests.Announcement("b", 1, baseVersion: 1), Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
        Assert.Equal(2.0, probe.Metrics.Gauges["devices-with-data"]);
    }

    [Fact]
    public void A_farewell_closes_the_round_that_waited_for_the_device_alone()
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1), InvitationTests.Announcement("b", 1, baseVersion: 0));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
        probe.Control(Say("b", PresenceKind.Leave));
        Assert.Equal(2, probe.Count());
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
    }

    [Fact]
    public void What_a_device_sent_before_its_farewell_and_comes_after_it_counts_but_does_not_bring_it_back()
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        probe.Control(Say("b", PresenceKind.Leave));
        probe.Send(Updates.Of("b", 2, 3, baseVersion: 1));
        probe.Control(Say("b", PresenceKind.Heartbeat));
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[1]), moved => Assert.Equal(1 + 2, moved, 1e-6f));
        probe.Control(Say("b", PresenceKind.Hello));
        Assert.Equal(2.0, probe.Metrics.Gauges["devices-alive"]);
    }

    [Fact]
    public void A_device_that_dies_is_waited_for_until_its_lease_runs_out()
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(20));
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        probe.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(2, probe.Count());
        Assert.Equal(1, probe.Metrics.Counter("leases-ended"));
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
        Assert.Equal((false, 0), probe.TakeAll<Round>(port: 1).Select(r => (r.Void, r.Missing)).Last());
    }

    [Theory]
    [InlineData("heartbeat", true)]
    [InlineData("update", true)]
    [InlineData("refused update", true)]
    [InlineData("replayed update", false)]
    [InlineData("repeated update", true)]
    [InlineData("heartbeat of an earlier start", false)]
    public void A_message_of_the_device_itself_renews_its_lease(string message, bool renews)
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        probe.Advance(TimeSpan.FromSeconds(20));
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        switch (message)
        {
            case "heartbeat": probe.Control(Say("b", PresenceKind.Heartbeat)); break;
            case "heartbeat of an earlier start": probe.Control(Say("b", PresenceKind.Heartbeat, epoch: 0)); break;
            case "update": probe.Send(InvitationTests.Announcement("b", 2, baseVersion: 1)); break;
            case "refused update": probe.Send(Updates.Of("b", 2, 1, baseVersion: 99) with { Steps = 0, Moments = new(1, [1], [0]) }); break;
            case "repeated update": probe.Send(Updates.Of("b", 1, 1) with { IsResent = true }); break;
            default: probe.Send(Updates.Of("b", 1, 1)); break;
        }

        probe.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(renews ? 1 : 2, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(2, probe.Count());
    }

    [Fact]
    public void Without_a_lease_a_silent_device_is_waited_for_until_a_round_leaves_it_out()
    {
        using var probe = Updates.Probe(new FedAvg(2), new() { RoundTimeout = TimeSpan.FromDays(1) });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1), Updates.Of("a", 2, 1, baseVersion: 1));
        probe.Advance(TimeSpan.FromHours(23));
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, probe.Count());
        Assert.Null(probe.WakeAt);
    }

    [Fact]
    public void A_device_that_was_only_silent_is_back_with_its_next_message()
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        probe.Advance(TimeSpan.FromSeconds(20));
        probe.Control(Say("a", PresenceKind.Heartbeat));
        probe.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
        probe.Control(Say("b", PresenceKind.Heartbeat));
        Assert.Equal(2.0, probe.Metrics.Gauges["devices-alive"]);
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void A_device_that_starts_again_fences_what_its_earlier_start_still_sends()
    {
        using var probe = Probe(new FedBuff(1), Averaging.None);
        probe.Send(Updates.Of("a", 7, 1));
        probe.Control(Say("a", PresenceKind.Hello, epoch: 2));
        probe.Send(Updates.Of("a", 8, 9, baseVersion: 1));
        probe.Control(Say("a", PresenceKind.Leave, epoch: 1));
        Assert.Equal(2, probe.Metrics.Drops["fenced"]);
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 1, 2) with { Epoch = 2 });          // from the initial model: staleness 1
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[1]), moved => Assert.Equal(1 + (2 / Math.Sqrt(2)), moved, 1e-5));
    }

    [Fact]
    public void While_all_are_gone_nothing_is_due_and_then_it_goes_on()
    {
        using var probe = Probe(new FedAvg(2) { Deadline = TimeSpan.FromSeconds(10) });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Assert.Equal(1, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(35));                        // two void rounds, then the leases are over
        Assert.Equal((3, 0.0), (probe.Count(), probe.Metrics.Gauges["devices-alive"]));
        probe.Advance(TimeSpan.FromDays(1));
        Assert.Equal(3, probe.Count());
        Assert.Null(probe.WakeAt);
        probe.Control(Say("a", PresenceKind.Hello, epoch: 2));
        probe.Advance(TimeSpan.FromSeconds(9));                         // the deadline runs from its return
        Assert.Equal(3, probe.Count());
        probe.Send(Updates.Of("a", 1, 1, baseVersion: 3) with { Epoch = 2 });
        Assert.Equal(4, probe.Count());
    }

    [Fact]
    public void A_heartbeat_from_a_device_that_is_not_known_joins_it() // as after a new start of the aggregator
    {
        using var probe = Probe(new FedAvg(1));
        probe.Control(Say("a", PresenceKind.Heartbeat));
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
        Assert.Equal(OperatorProbe.Start + Lease, probe.WakeAt);
    }

    [Fact]
    public void Devices_that_say_they_are_there_are_bounded_too()
    {
        using var probe = Updates.Probe(new FedAvg(1), new() { MaxDevices = 1 }, controlled: true);
        probe.Control(Say("a", PresenceKind.Hello), Say("b", PresenceKind.Hello));
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        Assert.Equal(1.0, probe.Metrics.Gauges["devices-alive"]);
    }

    [Fact]
    public void A_device_that_dies_after_it_reported_and_comes_back_in_the_round_has_reported()
    {
        using var probe = Probe(new FedAvg(3));
        foreach (var device in "abc") { probe.Send(Updates.Of(device.ToString(), 1, 1)); }
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        probe.Advance(TimeSpan.FromSeconds(29));
        probe.Control(Say("b", PresenceKind.Heartbeat), Say("c", PresenceKind.Heartbeat));
        probe.Advance(TimeSpan.FromSeconds(2));
        probe.Control(Say("a", PresenceKind.Hello, epoch: 2));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("c", 2, 1, baseVersion: 1));
        Assert.Equal(2, probe.Count());
    }

    private static Presence Say(string device, PresenceKind kind, long epoch = 1) => new() { Device = device, Epoch = epoch, Kind = kind };

    private static OperatorProbe Probe(Strategy strategy, Averaging? averaging = null) =>
        Updates.Probe(strategy, new() { Lease = Lease, Averaging = averaging ?? Averaging.Exponential() }, controlled: true);
}
