namespace StreamLearn.Fleets.Tests;

/// <summary>Somebody who speaks under many names costs the devices that are known little.</summary>
public sealed class ManyNamesTests
{
    private static readonly string[] Honest = ["a", "b", "c", "d"];
    private static readonly AggregateOptions Plain = new() { Averaging = Averaging.None };

    [Fact]
    public void Newcomers_are_heard_64_times_a_second_together_and_8_times_each_once_there_are_elders()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        Learn(probe, Member.ElderFrom);
        probe.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++) { probe.Control(Say("x", PresenceKind.Waiting)); }
        for (var i = 0; i < 1000; i++) { probe.Control(Say($"n{i}", (PresenceKind)(i % 2))); }
        probe.Receipts();
        foreach (var device in Honest) { probe.Send(Updates.Of(device, 5, 1, Member.ElderFrom)); }
        Assert.Equal(4, probe.Receipts().Count(static r => Honest.Contains(r[..1])));
        Assert.Equal(4 + 1 + (64 - 8), probe.Metrics.Gauges["devices-alive"]);
        Assert.Equal(12 + 1000 - (64 - 8), probe.Metrics.Drops["flood"]);
        probe.Advance(TimeSpan.FromSeconds(1));
        probe.Send(Updates.Of("y", 1, 1, Member.ElderFrom));
        Assert.StartsWith("y/1: 1 Held", Assert.Single(probe.Receipts()), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_is_known_nobody_is_kept_waiting()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        for (var i = 0; i < 1000; i++) { probe.Control(Say($"n{i}", PresenceKind.Hello)); }
        Assert.Equal(1000, probe.Metrics.Gauges["devices-alive"]);
        Assert.Empty(probe.Metrics.Drops);
    }

    [Fact]
    public void A_version_goes_to_elders_first_and_with_a_call_to_one_newcomer()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        Learn(probe, Member.ElderFrom);
        for (var second = 0; second < 4; second++)
        {
            probe.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 50; i++) { probe.Control(Say($"n{second}-{i}", PresenceKind.Hello)); }
        }

        probe.TakeAll<Weights>();
        Round(probe, 5);
        Assert.Equal([.. Honest, "n"], probe.TakeAll<Weights>().Select(static v => v.Recipient![..1]));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal(200 - 1, probe.TakeAll<Weights>().Count(static v => v.Recipient![0] == 'n'));
    }

    [Fact]
    public void Of_a_name_that_never_sent_an_update_nothing_is_left_after_its_lease()
    {
        using var probe = Probe(new FedBuff(4), Plain with { Lease = TimeSpan.FromSeconds(9), MaxDevices = 100 });
        for (var i = 0; i < 100; i++) { probe.Control(Say($"n{i}", PresenceKind.Heartbeat)); }
        probe.Control(Say("a", PresenceKind.Hello));
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        probe.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 99; i++) { probe.Send(Updates.Of($"s{i}", 1, 1)); }
        probe.Send(Updates.Of("a", 1, 1));
        Assert.False(probe.Metrics.Drops.ContainsKey("set-full"));
        Assert.StartsWith("a/1: 1", probe.Receipts()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_is_free_of_such_names_once_their_leases_have_ended()
    {
        var context = States.Context();
        var aggregate = States.Aggregate(context, new FedBuff(4), Plain with { Lease = TimeSpan.FromSeconds(9) }, receipts: true);
        var empty = States.Written(aggregate.State).Length;
        for (var i = 0; i < 1000; i++) { aggregate.Control(Say($"n{i}", PresenceKind.Heartbeat)); }
        Assert.InRange(States.Written(aggregate.State).Length, empty + 100_000, int.MaxValue);
        context.Begin(OperatorProbe.Start + TimeSpan.FromSeconds(10));
        aggregate.WakeUp();
        Assert.InRange(States.Written(aggregate.State).Length, empty, empty + 100);
    }

    /// <summary>Names with an update each fill the table of devices; those that are gone give way, and elders do not.</summary>
    [Fact]
    public void Who_is_no_elder_and_gone_gives_way_to_a_new_device()
    {
        using var probe = Probe(new FedBuff(4), Plain with { MaxDevices = 8, Lease = TimeSpan.FromSeconds(9) });
        Learn(probe, Member.ElderFrom);
        for (var i = 0; i < 4; i++) { probe.Send(Updates.Of($"n{i}", 1, 1, Member.ElderFrom)); }
        probe.Send(Updates.Of("y", 1, 1, Member.ElderFrom));
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        probe.Advance(TimeSpan.FromSeconds(10));
        foreach (var device in new[] { "y", "z" }) { probe.Send(Updates.Of(device, 1, 1, Member.ElderFrom)); }
        probe.Send(Updates.Of("a", 4, 1, 3) with { IsResent = true });
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        Assert.Equal(1, probe.Metrics.Drops["duplicate"]);      // it is known still
    }

    private static void Learn(OperatorProbe probe, int rounds)
    {
        for (var round = 1; round <= rounds; round++) { Round(probe, round); }
        probe.TakeAll<Weights>();
        probe.Receipts();
    }

    private static void Round(OperatorProbe probe, int number)
    {
        foreach (var device in Honest)
        {
            probe.Control(Say(device, PresenceKind.Holding, new(0, number - 1)));
            probe.Send(Updates.Of(device, number, 1, number - 1));
        }
    }
}
