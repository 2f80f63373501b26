namespace StreamLearn.Fleets.Tests;

/// <summary>Devices that hold versions of an aggregator that started later are called back.</summary>
public sealed class OvertakenTests
{
    private const long Own = 10;

    [Fact]
    public void A_device_that_holds_a_version_of_a_later_aggregator_ends_the_round_under_an_epoch_above_it()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        probe.Send(Updates.Of("a", 1, 1));
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 7) with { BaseEpoch = 50, Held = new(50, 7) });
        Assert.Empty(probe.TakeAll<Round>(port: 1));        // it was refused, and says nothing of others
        probe.Control(Say("b", PresenceKind.Waiting, new(50, 7)));
        var round = probe.TakeAll<Round>(port: 1).Single();
        Assert.Equal((51, 1), (round.Made.Epoch, round.Version));
        Assert.Equal(["a"], round.Contributions.Select(static c => c.Device));
        Assert.Equal(["b old-epoch"], round.Refusals.Select(static r => $"{r.Device} {r.Reason}"));
        Assert.Equal(1, probe.Metrics.Counter("overtaken"));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1) with { BaseEpoch = 51 });
        Assert.Equal(1, probe.Metrics.Gauges["updates-in-round"]);
    }

    [Fact]
    public void Devices_are_called_back_after_five_seconds_and_twice_as_seldom_each_time()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        Presence Waiting(long epoch) => new() { Device = "a", Epoch = 1, Kind = PresenceKind.Waiting, Held = new(epoch, 4) };
        probe.Control(Waiting(50), Waiting(60));
        Assert.Equal([51], probe.TakeAll<Round>(port: 1).Select(static r => r.Made.Epoch));
        var (epoch, pause) = (60L, TimeSpan.FromSeconds(5));
        for (var i = 0; i < 4; i++, pause *= 2)
        {
            probe.Advance(pause - TimeSpan.FromTicks(1));
            probe.Control(Waiting(epoch += 10));
            Assert.Empty(probe.TakeAll<Round>(port: 1));
            probe.Advance(TimeSpan.FromTicks(1));
            probe.Control(Waiting(epoch));
            Assert.Equal([epoch + 1], probe.TakeAll<Round>(port: 1).Select(static r => r.Made.Epoch));
        }
    }

    [Fact]
    public void One_that_goes_on_from_an_old_copy_of_its_state_ends_the_round_once_under_a_number_above_what_devices_hold()
    {
        var before = States.Aggregate(States.Context(), new FedBuff(3), new() { Epoch = Own }, receipts: true);
        before.Process(Updates.Of("a", 1, 1));
        BlockMetrics metrics = new("aggregate");
        var context = States.Context(metrics);
        var after = States.Aggregate(context, new FedBuff(3), new() { Epoch = Own + 5 }, receipts: true);
        States.Carry(before.State, after.State);

        after.Control(Say("b", PresenceKind.Holding, new(Own, 1 + Plausible.VersionWindow)));
        Assert.Equal((0, 1), (metrics.Counter("versions-unknown"), metrics.Counter("versions-implausible")));
        after.Control(Say("b", PresenceKind.Holding, new(Own, 49)));
        Assert.Equal(0, metrics.Counter("versions"));       // another device may hold a later one
        context.Begin(OperatorProbe.Start + TimeSpan.FromSeconds(10));
        after.WakeUp();
        Assert.Equal((49, 1, 0), (metrics.Counter("versions-unknown"), metrics.Counter("versions"), metrics.Counter("overtaken")));
        after.Process(Updates.Of("b", 2, 1, baseVersion: 50) with { BaseEpoch = Own + 5 });
        Assert.Equal(1, metrics.Gauges["updates-in-round"]);

        after.Control(Say("b", PresenceKind.Holding, new(Own + 5, 51)));       // nobody but this start makes versions of that epoch
        Assert.Equal((1, 2), (metrics.Counter("versions"), metrics.Counter("versions-implausible")));
    }

    [Fact]
    public void One_that_began_with_its_epoch_knows_that_there_is_no_later_version_of_it()
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        probe.Control(Say("b", PresenceKind.Holding, new(Own, 1)));
        Assert.Empty(probe.TakeAll<Round>(port: 1));
        Assert.Equal(1, probe.Metrics.Counter("versions-implausible"));
    }

    [Theory, InlineData(Own), InlineData(Own - 1), InlineData(long.MaxValue)]
    public void No_other_epoch_calls_anybody_back(long epoch)
    {
        using var probe = Probe(new FedBuff(3), new() { Epoch = Own });
        probe.Control(new Presence { Device = "a", Epoch = 1, Kind = PresenceKind.Waiting, Held = new(epoch, 0) });
        Assert.Empty(probe.TakeAll<Round>(port: 1));
        Assert.Equal(0, probe.Metrics.Counter("overtaken"));
    }
}
