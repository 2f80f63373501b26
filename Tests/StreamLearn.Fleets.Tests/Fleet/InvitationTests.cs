namespace StreamLearn.Fleets.Tests;

/// <summary>Rounds to which devices are selected.</summary>
public sealed class InvitationTests
{
    [Fact]
    public void The_first_version_comes_when_enough_have_announced_data_and_names_who_is_invited()
    {
        using var probe = Updates.Probe(new FedAvg(3) { Cohort = Cohort.Random(2) });
        probe.Send(Announcement("a", 1), Announcement("b", 1));
        Assert.Equal(0, probe.Count());
        probe.Send(Announcement("c", 1));
        var (version, round) = (probe.Take<Weights>(), probe.Take<Round>(port: 1));
        Assert.Equal((1L, 3L, true), (version.Version, version.Scale!.Count, round.Void));
        Assert.Equal(Updates.Model.Initial.Values.Skip(2), version.Values.Skip(2));
        Assert.Equal(2, version.Invited!.Value.Length);
        Assert.Equal(version.Invited.Value.Order(), version.Invited.Value);
        Assert.Null(round.Averaged.Invited);
        Assert.Equal((1L, 0L, 3L),
            (probe.Metrics.Counter("enrolments"), probe.Metrics.Counter("void-rounds"), probe.Metrics.Counter("announcements")));
        foreach (var device in version.Invited) { probe.Send(Updates.Of(device, 2, 2, baseVersion: 1)); }
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
    }

    [Fact]
    public void A_device_that_trains_before_it_hears_of_a_version_counts_in_the_first_round_and_is_refused_after_it()
    {
        using var probe = Updates.Probe(new FedAvg(2) { Cohort = new Inviting("a") }, new() { Averaging = Averaging.None });
        probe.Send(Updates.Of("a", 1, 1));                  // nobody was invited by name yet: all are
        probe.Send(Announcement("b", 1));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1, moved, 1e-6f));
        probe.Send(Updates.Of("c", 1, 5) with { Moments = new(9, [1], [1]) });      // a newcomer, from the initial model
        probe.Send(Updates.Of("b", 2, 5));                                          // was there, and is late for the first round
        probe.Send(Updates.Of("b", 3, 5, baseVersion: 1));                          // knows the version, and does not obey
        Assert.Equal((2L, 1L), (probe.Metrics.Drops["uninvited"], probe.Metrics.Drops["late-round"]));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1));
        var version = probe.Take<Weights>();
        Assert.All(Updates.Moved(version), moved => Assert.Equal(2, moved, 1e-6f));
        Assert.Equal(10, version.Scale!.Count);             // the rows of c and of the announcement are rows all the same
        Assert.Equal(3, probe.Metrics.Gauges["devices-with-data"]);
    }

    [Fact]
    public void An_update_for_a_round_that_has_ended_is_late()
    {
        using var probe = Updates.Probe(new FedAvg(3) { Cohort = Cohort.OverSelection(1, 2) });
        foreach (var device in "abc") { probe.Send(Announcement(device.ToString(), 1)); }
        var invited = probe.Take<Weights>().Invited!.Value;
        probe.Send(Updates.Of(invited[0], 2, 1, baseVersion: 1));       // the goal is reached
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of(invited[1], 2, 9, baseVersion: 1));
        Assert.Equal(1, probe.Metrics.Drops["late-round"]);
        Assert.Equal(1, probe.Count());
        Assert.Equal(1, probe.Take<Round>(port: 1).Contributions.Length + probe.Take<Round>(port: 1).Contributions.Length);
    }

    [Fact]
    public void A_strategy_may_take_late_updates_by_their_staleness()
    {
        using var probe = Updates.Probe(new FedAvg(3) { Cohort = Cohort.OverSelection(1, 2), AcceptsLate = true },
            new() { Averaging = Averaging.None });
        foreach (var device in "abc") { probe.Send(Announcement(device.ToString(), 1)); }
        var first = probe.Take<Weights>().Invited!.Value;
        probe.Send(Updates.Of(first[0], 2, 1, baseVersion: 1, samples: 10));
        var second = probe.Take<Weights>().Invited!.Value;
        probe.Send(Updates.Of(first[1], 2, 3, baseVersion: 1, samples: 10));        // adds to the round, but is not a report of it
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of(second[0], 3, 1, baseVersion: 2, samples: 10));
        var weight = 1 / Math.Sqrt(2);
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1 + ((1 + (3 * weight)) / (1 + weight)), moved, 1e-5));
    }

    [Fact]
    public void A_device_that_dies_in_the_round_delays_nobody_when_more_are_invited_than_needed()
    {
        using var probe = Updates.Probe(new FedAvg(10) { Cohort = Cohort.OverSelection(5, 1.4) });
        for (var d = 0; d < 10; d++) { probe.Send(Announcement($"d{d}", 1)); }
        for (var round = 1; round <= 20; round++)
        {
            var invited = probe.Take<Weights>().Invited!.Value;
            Assert.Equal(7, invited.Length);
            var alive = invited.Where(d => d != "d3").Take(5).ToList();
            foreach (var device in alive) { probe.Send(Updates.Of(device, round + 1, 1, baseVersion: round)); }
            Assert.Equal(1, probe.Count());
        }
    }

    [Fact]
    public void When_all_who_were_invited_have_gone_others_are()
    {
        using var probe = Updates.Probe(new FedAvg(3) { Cohort = Cohort.Random(1) });
        foreach (var device in "abc") { probe.Send(Announcement(device.ToString(), 1)); }
        var gone = probe.Take<Weights>().Invited!.Value[0];
        probe.Send(Updates.Of(gone, 2, 0, samples: 0, leaving: true));
        var version = probe.Take<Weights>();
        Assert.Equal(2, version.Version);
        Assert.NotEqual(gone, Assert.Single(version.Invited!.Value));
        Assert.Equal(1, probe.Metrics.Counter("void-rounds"));
    }

    [Fact]
    public void When_nobody_is_chosen_everyone_is()
    {
        using var probe = Updates.Probe(new FedAvg(2) { Cohort = new Inviting("nobody") });
        probe.Send(Announcement("a", 1), Announcement("b", 1));
        Assert.Equal(["a", "b"], probe.Take<Weights>().Invited!.Value);
    }

    [Fact]
    public void Without_a_selection_no_device_is_named_and_newcomers_are_waited_for()
    {
        using var probe = Updates.Probe(new FedAvg(1));
        probe.Send(Updates.Of("a", 1, 1));
        Assert.Null(probe.Take<Weights>().Invited);
        probe.Send(Announcement("b", 1, baseVersion: 1), Updates.Of("a", 2, 1, baseVersion: 1));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void Any_strategy_can_gather_its_fleet_before_the_first_version()
    {
        using var probe = Updates.Probe(new FedBuff(1), new() { Enroll = 2 });
        probe.Send(Announcement("a", 1), Updates.Of("a", 2, 1));
        Assert.Equal(0, probe.Count());
        probe.Send(Announcement("b", 1));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1, moved, 1e-6f));
        probe.Send(Updates.Of("b", 2, 1, baseVersion: 1));
        Assert.Equal(2, probe.Take<Weights>().Version);
    }

    [Fact]
    public void What_is_known_of_devices_reaches_the_selection()
    {
        var seen = new List<DeviceView>();
        using var probe = Updates.Probe(new FedAvg(1) { Cohort = new Watching(seen) });
        probe.Send(Announcement("a", 1));
        probe.Advance(TimeSpan.FromSeconds(1));
        seen.Clear();
        probe.Advance(TimeSpan.FromSeconds(1));
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1, samples: 48) with { Loss = 0.7f });
        Assert.Equal(new()
        {
            Device = new("a"),
            BaseVersion = 1,
            Samples = 48,
            Steps = 4,
            Loss = 0.7f,
            Latency = TimeSpan.FromSeconds(2),
            Invitations = 1,
            Participations = 1,
            LastRound = 1,
            Score = 1,
        }, Assert.Single(seen));
    }

    internal static WeightDelta Announcement(string device, long sequence, long baseVersion = 0) =>
        Updates.Of(device, sequence, 0, baseVersion, samples: 0) with { Moments = new(1, [3], [0]) };

    private sealed record Inviting(string Device) : Cohort
    {
        public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) => cohort.Add(new(Device));
    }

    private sealed record Watching(List<DeviceView> Seen) : Cohort
    {
        public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
        {
            Seen.AddRange(fleet.Devices);
            cohort.Add(fleet.Devices[0].Device);
        }
    }
}
