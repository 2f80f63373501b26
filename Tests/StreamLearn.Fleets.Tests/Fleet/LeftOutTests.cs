namespace StreamLearn.Fleets.Tests;

/// <summary>Devices that say that they are there, and send nothing that a barrier waits for.</summary>
public sealed class LeftOutTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0, 8, 1, null, false, 60)]          // at least a minute
    [InlineData(0, 8, 1, null, true, 300)]          // five if nothing comes from the device
    [InlineData(20, 8, 8, null, false, 200)]        // ten times what half of the others needed
    [InlineData(40, 8, 8, null, true, 400)]
    [InlineData(20, 8, 2, null, false, 800)]        // fewer have reported: the others may just be slower
    [InlineData(20, 8, 8, 50.0, false, 500)]        // ten times what the device itself needs
    [InlineData(0.2, 8, 8, 70.0, false, 300)]       // five minutes, however fast the others are
    [InlineData(20, 8, 8, 1e9, false, 2000)]        // up to a hundred times
    [InlineData(-5, 8, 1, -1.0, false, 60)]
    [InlineData(1e12, 8, 1, 1e12, true, 3650 * 86_400.0)]       // ten years
    public void A_barrier_waits_ten_times_as_long_as_the_others_needed(double half, int invited, int reported, double? own, bool isSilent,
        double seconds)
    {
        var patience = Patience.For(Seconds(half), invited, reported, own is { } time ? Seconds(time) : null, limit: null, isSilent);
        Assert.Equal(seconds, patience.TotalSeconds, seconds * 1e-3);
        Assert.Equal(Second, Patience.For(Seconds(half), invited, reported, null, limit: Second, isSilent));

        static TimeSpan Seconds(double s) => s > 1e9 ? TimeSpan.MaxValue / 2 : TimeSpan.FromSeconds(s);
    }

    [Fact]
    public void A_device_that_only_sends_heartbeats_is_left_out_and_is_back_with_its_next_update()
    {
        using var probe = Probe(new FedAvg(3));
        foreach (var device in "abc") { probe.Send(Updates.Of($"{device}", 1, 1)); }
        Assert.Single(probe.TakeAll<Weights>());
        probe.Send(Updates.Of("a", 2, 1, 1), Updates.Of("b", 2, 1, 1));
        Beat(probe, 59, "c");
        Assert.Equal(0, probe.Count());

        Beat(probe, 1, "c");

        Assert.Single(probe.TakeAll<Weights>());
        var round = probe.TakeAll<Round>(port: 1)[^1];
        Assert.Equal((1, 2), (round.Missing, round.Contributions.Length));
        Assert.Equal(("c", 2, "left out"), Assert.Single(round.Stragglers, static s => s.Device == "c"));
        Assert.Equal((1L, 2.0, 3.0), (probe.Metrics.Counter("devices-left-out"), probe.Metrics.Gauges["devices-with-data"],
            probe.Metrics.Gauges["devices-alive"]));
        Assert.Equal(2, probe.Made(Updates.Of("a", 3, 1, 2)) + probe.Made(Updates.Of("b", 3, 1, 2)) + Beaten(3, "c")
            + probe.Made(Updates.Of("a", 4, 1, 3)) + probe.Made(Updates.Of("b", 4, 1, 3)));     // without another wait

        probe.Send(Updates.Of("c", 2, 1, 1));       // of an old round: it counts by its age
        Assert.Equal(1, probe.Made(Updates.Of("a", 5, 1, 4)) + probe.Made(Updates.Of("b", 5, 1, 4)));
        var back = probe.TakeAll<Round>(port: 1)[^1];
        Assert.Equal([("a", 0L, 16f), ("b", 0L, 16f), ("c", 3L, 8f)],
            back.Contributions.Select(static c => (c.Device, c.Staleness, c.Weight)));
        Assert.Equal((0, 0, 1L), (back.Missing, back.Refusals.Length, probe.Metrics.Counter("devices-back")));
        Assert.Equal(0, probe.Made(Updates.Of("a", 6, 1, 5)) + probe.Made(Updates.Of("b", 6, 1, 5)));
        Assert.Equal(1, probe.Made(Updates.Of("c", 3, 1, 5)));

        int Beaten(int seconds, string device)
        {
            Beat(probe, seconds, device);
            return probe.TakeAll<Weights>().Count;
        }
    }

    /// <summary>Where late updates do not count, it is refused with its reason, and the device is in the next round.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void The_late_update_of_a_device_left_out_is_refused_by_name_where_only_the_round_counts(bool selects)
    {
        var strategy = new FedAvg(3) { AcceptsLate = false, Cohort = selects ? Cohort.Fraction(1) : Cohort.Everyone };
        using var probe = Updates.Probe(strategy, controlled: true);
        foreach (var device in "abc") { probe.Send(InvitationTests.Announcement($"{device}", 1, baseVersion: 0)); }
        foreach (var device in "abc") { probe.Send(Updates.Of($"{device}", 2, 1, probe.Count())); }
        var version = probe.Count();
        probe.Send(Updates.Of("a", 3, 1, version), Updates.Of("b", 3, 1, version));
        Beat(probe, 61, "c");
        Assert.Equal(version + 1, probe.Count());

        probe.Send(Updates.Of("c", 3, 1, version));

        Assert.Equal((1L, 1L), (probe.Metrics.Drops["late-round"], probe.Metrics.Counter("devices-back")));
        probe.Send(Updates.Of("a", 4, 1, version + 1), Updates.Of("b", 4, 1, version + 1));
        if (selects) { Assert.Equal(version + 2, probe.Count()); }      // it was not invited to this round
        var next = version + (selects ? 2 : 1);
        probe.Send(Updates.Of("a", 5, 1, next), Updates.Of("b", 5, 1, next));
        Assert.Equal(next, probe.Count());
        probe.Send(Updates.Of("c", 4, 1, next));
        Assert.Equal(next + 1, probe.Count());
    }

    /// <summary>Nothing comes from it: its update may be on a slow link, behind which other messages wait too.</summary>
    [Fact]
    public void A_device_from_which_nothing_comes_has_five_minutes()
    {
        using var probe = Probe(new FedAvg(3));
        foreach (var device in "abc") { probe.Send(Updates.Of($"{device}", 1, 1)); }
        probe.Send(Updates.Of("a", 2, 1, 1), Updates.Of("b", 2, 1, 1));
        probe.Advance(299 * Second);
        Assert.Equal(1, probe.Count());
        probe.Advance(Second);
        Assert.Equal(2, probe.Count());
    }

    [Fact]
    public void A_device_that_never_announces_data_does_not_hold_the_first_round()
    {
        using var probe = Probe(new FedAvg(3));
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Beat(probe, 61, "c");
        Assert.Equal(1, probe.Count());
        using var waits = Probe(new FedAvg(4));     // a device is missing altogether
        waits.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Beat(waits, 600, "c");
        Assert.Equal(0, waits.Count());
    }

    [Fact]
    public void A_slow_device_is_waited_for_ten_times_as_long_as_it_usually_takes()
    {
        using var probe = Probe(new FedAvg(3));
        for (var round = 1; round <= 5; round++)
        {
            probe.Advance(2 * Second);
            probe.Send(Updates.Of("a", round, 1, round - 1), Updates.Of("b", round, 1, round - 1));
            probe.Advance(18 * Second);
            Assert.Equal(1, probe.Made(Updates.Of("c", round, 1, round - 1)));
        }

        probe.Advance(2 * Second);
        probe.Send(Updates.Of("a", 6, 1, 5), Updates.Of("b", 6, 1, 5));
        Beat(probe, 180, "c");
        Assert.Equal(0, probe.Count());
        Beat(probe, 30, "c");
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void Nobody_is_left_out_while_no_update_has_come_or_devices_could_not_be_reached()
    {
        using var probe = Probe(new FedAvg(2), Minute);
        foreach (var device in "ab") { probe.Send(Updates.Of($"{device}", 1, 1)); }
        Beat(probe, 600, "a", "b");
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 2, 1, 1));       // the wait is over at once: it began with the round
        Assert.Equal(2, probe.Count());

        using var away = Probe(new FedAvg(2), Minute, controlled: true);
        foreach (var device in "ab") { away.Send(Updates.Of($"{device}", 1, 1)); }
        away.Send(Updates.Of("a", 2, 1, 1));
        away.Advance(59 * Second);
        away.Control(new ConnectionChange { Transport = "t", Session = "s", IsConnected = true, Connects = 2, SessionKept = true });
        away.Advance(59 * Second);
        Assert.Equal(1, away.Count());
        away.Advance(Second);
        Assert.Equal(2, away.Count());
    }

    [Fact]
    public void After_a_restart_devices_have_the_whole_time_again()
    {
        BlockMetrics metrics = new("aggregate");
        AggregateOptions options = new() { RoundTimeout = Minute };
        var (context, before) = (States.Context(metrics), States.Aggregate(States.Context(), new FedAvg(2), options));
        foreach (var device in "ab") { before.Process(Updates.Of($"{device}", 1, 1)); }
        before.Process(Updates.Of("a", 2, 1, 1));
        context.Begin(OperatorProbe.Start + (10 * Minute));
        var after = States.Aggregate(context, new FedAvg(2), options);

        States.Carry(before.State, after.State);
        Look(59);
        Assert.Equal(0, metrics.Counter("devices-left-out"));
        Look(61);
        Assert.Equal(1, metrics.Counter("devices-left-out"));

        void Look(int seconds)
        {
            context.Begin(OperatorProbe.Start + (10 * Minute) + (seconds * Second));
            after.Control(Say("b", PresenceKind.Heartbeat));
            after.WakeUp();
        }
    }

    [Fact]
    public void The_round_of_the_others_ends_after_a_restart_with_each_update_once_and_the_device_left_out_is_back()
    {
        BlockMetrics metrics = new("aggregate");
        var context = States.Context();
        var before = States.Aggregate(context, new FedAvg(3), new() { RoundTimeout = Second });
        foreach (var device in "abc") { before.Process(Updates.Of($"{device}", 1, 1)); }
        foreach (var device in "ab") { before.Process(Updates.Of($"{device}", 2, 1, 1)); }
        context.Begin(OperatorProbe.Start + Second);
        before.WakeUp();
        before.Process(Updates.Of("a", 3, 1, 2));
        var after = States.Aggregate(States.Context(metrics), new FedAvg(3));

        States.Carry(before.State, after.State);

        Assert.Equal((0, 0), Send(Updates.Of("a", 3, 1, 2) with { IsResent = true }));
        Assert.Equal((1, 2), Send(Updates.Of("b", 3, 1, 2)));
        Assert.Equal((0, 0), Send(Updates.Of("c", 2, 1, 1), Updates.Of("b", 4, 1, 3)));
        Assert.Equal((1, 3), Send(Updates.Of("a", 4, 1, 3)));
        Assert.Equal((0, 0), Send(Updates.Of("a", 5, 1, 4), Updates.Of("b", 5, 1, 4)));
        Assert.Equal((1, 3), Send(Updates.Of("c", 3, 1, 4)));
        Assert.Equal((1L, 1L, 0L), (metrics.Drops["duplicate"], metrics.Counter("devices-back"), metrics.Counter("devices-left-out")));

        (long Versions, long Applied) Send(params WeightDelta[] updates)
        {
            var (versions, applied) = (metrics.Counter("versions"), metrics.Counter("updates-applied"));
            foreach (var update in updates) { after.Process(update); }
            return (metrics.Counter("versions") - versions, metrics.Counter("updates-applied") - applied);
        }
    }

    [Fact]
    public void What_waits_for_updates_and_not_for_devices_leaves_nobody_out()
    {
        using var probe = Probe(new FedBuff(3), Minute);
        foreach (var device in "abc") { probe.Send(Updates.Of($"{device}", 1, 1)); }
        probe.Send(Updates.Of("a", 2, 1, 1));
        Beat(probe, 600, "a", "b", "c");
        Assert.Equal((1, 0L), (probe.Count(), probe.Metrics.Counter("devices-left-out")));
    }

    /// <summary>It holds no round for longer than one wait, and leaves the usual number of devices as it is.</summary>
    [Fact]
    public void A_device_that_comes_and_goes_a_thousand_times_holds_nothing_up()
    {
        using var probe = Probe(new FedAvg(2), Minute);
        foreach (var device in "ab") { probe.Send(Updates.Of($"{device}", 1, 1)); }
        for (var time = 1; time <= 1000; time++)
        {
            probe.Control(Say("liar", PresenceKind.Hello, time));
            probe.Send(Updates.Of("liar", 1, 0, 0, samples: 0) with { Epoch = time, Moments = new(1, [3], [0]) });
            if (time % 2 == 0) { probe.Control(Say("liar", PresenceKind.Leave, time)); }
            probe.Advance(Second);
        }

        var made = probe.TakeAll<Weights>().Count;
        for (var round = made; round < made + 10; round++)
        {
            Assert.Equal(1, probe.Made(Updates.Of("a", round + 1, 1, round)) + probe.Made(Updates.Of("b", round + 1, 1, round)));
        }

        Assert.InRange(probe.Metrics.Counter("small-rounds"), 0, 1);        // the time set is over when the first of the two reports
    }

    [Fact]
    public void A_time_of_zero_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new FedAvg(1), TimeSpan.Zero));

    private static Presence Say(string device, PresenceKind kind, long epoch = 1) => new() { Device = device, Epoch = epoch, Kind = kind };

    private static void Beat(OperatorProbe probe, int seconds, params string[] devices)
    {
        for (var s = 0; s < seconds; s++)
        {
            probe.Advance(Second);
            foreach (var device in devices) { probe.Control(Say(device, PresenceKind.Heartbeat)); }
        }
    }

    private static OperatorProbe Probe(Strategy strategy, TimeSpan? timeout = null, bool controlled = false) => !controlled
        ? Updates.Probe(strategy, new() { RoundTimeout = timeout }, controlled: true)
        : OperatorProbe.From<WeightDelta>((p, flow) => OperatorProbe.Use(flow.Aggregate(Updates.Model, strategy,
            new AggregateOptions { RoundTimeout = timeout }).ControlledBy(p.Input<ConnectionChange>("connections"))));
}
