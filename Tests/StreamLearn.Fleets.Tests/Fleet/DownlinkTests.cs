namespace StreamLearn.Fleets.Tests;

/// <summary>Versions go to each device at the pace in which it confirms them.</summary>
public sealed class DownlinkTests
{
    [Fact]
    public void Each_device_that_is_there_gets_each_version_by_its_name()
    {
        using var probe = Probe(new FedBuff(2));
        probe.Control(Say("c", PresenceKind.Hello));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Assert.Equal(["a", "b", "c"], probe.TakeAll<Weights>().Select(w => w.Recipient).Order());
        Assert.Equal(3, probe.Metrics.Counter("versions-sent"));
        Assert.Null(probe.Take<Round>(port: 1).Made.Recipient);
    }

    [Fact]
    public void Two_versions_may_be_unconfirmed_and_the_newest_replaces_those_behind_them()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 5; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        Assert.Equal([("a", new(0, 1)), ("a", new ModelVersion(0, 2))], probe.Versions());
        probe.Control(Say("a", PresenceKind.Holding, new(0, 1)));
        Assert.Equal([("a", new ModelVersion(0, 5))], probe.Versions());
    }

    [Fact]
    public void An_update_confirms_what_its_device_holds()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 3; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        probe.Versions();
        probe.Send(Updates.Of("a", 4, 1) with { Held = new(0, 2) });
        Assert.Equal([("a", new ModelVersion(0, 4))], probe.Versions());
    }

    [Fact]
    public void A_duplicate_confirms_what_its_device_holds()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 3; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        probe.Versions();
        probe.Send(Updates.Of("a", 3, 1) with { Held = new(0, 1), IsResent = true });
        Assert.Equal([("a", new ModelVersion(0, 3))], probe.Versions());
    }

    [Fact]
    public void A_device_that_asks_once_may_still_get_what_is_on_the_way_and_one_that_asks_twice_has_lost_it()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 4; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        probe.Versions();
        probe.Control(Say("a", PresenceKind.Waiting));
        Assert.Empty(probe.Versions());
        probe.Control(Say("a", PresenceKind.Waiting));
        Assert.Equal([("a", new ModelVersion(0, 4))], probe.Versions());
    }

    [Fact]
    public void A_device_that_asks_and_then_confirms_has_lost_nothing()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 2; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        probe.Versions();
        probe.Control(Say("a", PresenceKind.Waiting), Say("a", PresenceKind.Holding, new(0, 1)));
        probe.Control(Say("a", PresenceKind.Waiting, new(0, 1)));
        Assert.Empty(probe.Versions());
    }

    [Fact]
    public void A_device_that_starts_anew_gets_the_newest_version_at_once()
    {
        using var probe = Probe(new FedBuff(1));
        for (var sequence = 1; sequence <= 4; sequence++) { probe.Send(Updates.Of("a", sequence, 1)); }
        probe.Versions();
        probe.Control(Say("a", PresenceKind.Hello, epoch: 2));
        Assert.Equal([("a", new ModelVersion(0, 4))], probe.Versions());
    }

    [Fact]
    public void A_device_that_has_left_gets_no_more_versions()
    {
        using var probe = Probe(new FedBuff(1));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        probe.Versions();
        probe.Control(Say("a", PresenceKind.Leave));
        probe.Send(Updates.Of("b", 2, 1, leaving: true) with { Held = new(0, 2) }, Updates.Of("c", 1, 1));
        Assert.Equal([("c", new ModelVersion(0, 4))], probe.Versions());
    }

    [Fact]
    public void A_version_for_many_devices_comes_out_in_bounded_calls()
    {
        using var probe = Probe(new FedBuff(100));
        for (var device = 0; device < 100; device++) { probe.Send(Updates.Of($"d{device:00}", 1, 1)); }
        Assert.Equal(Downlink.MaxPerCall, probe.Count());
        var devices = new List<string?>();
        for (var calls = 0; devices.Count < 100; calls++)
        {
            Assert.InRange(calls, 0, 7);
            Assert.InRange(probe.Count(), 1, Downlink.MaxPerCall);
            devices.AddRange(probe.Versions().Select(v => v.Device));
            if (devices.Count < 100) { Assert.True(probe.WakeUp()); }
        }

        Assert.Equal(100, devices.Distinct().Count());
        Assert.False(probe.WakeUp());
        Assert.Equal(100, probe.Count(2));
    }

    [Fact]
    public void While_versions_come_out_by_and_by_the_newest_one_goes_to_those_that_still_wait()
    {
        using var probe = Probe(new FedBuff(50));
        for (var device = 0; device < 50; device++) { probe.Send(Updates.Of($"d{device:00}", 1, 1)); }
        for (var device = 0; device < 50; device++) { probe.Send(Updates.Of($"d{device:00}", 2, 1)); }
        probe.Advance(TimeSpan.Zero);
        var versions = probe.Versions();
        Assert.All(versions.GroupBy(v => v.Device), g => Assert.InRange(g.Count(), 1, 2));
        Assert.All(versions.GroupBy(v => v.Device), g => Assert.Equal(2, g.Max(v => v.Version.Version)));
    }
}
