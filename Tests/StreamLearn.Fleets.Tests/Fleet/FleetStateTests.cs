namespace StreamLearn.Fleets.Tests;

/// <summary>What is remembered of devices, saved and taken up; where a block does it as a whole, the probes of all tests do.</summary>
public sealed class FleetStateTests
{
    public static TheoryData<Directive> Directives() =>
    [
        new Directive { StepsPerUpdate = 3 }, new Directive { BatchRows = 7 }, new Directive { LearningRate = 0.5f },
        new Directive { Proximal = 0 }, new Directive { RoundTime = TimeSpan.FromSeconds(2) },
        new Directive { StepsPerUpdate = 1, BatchRows = 2, LearningRate = 3, Proximal = 4, RoundTime = TimeSpan.FromTicks(5) },
    ];

    [Theory, MemberData(nameof(Directives))]
    public void What_a_device_was_told_is_known_afterwards(Directive directive)
    {
        var (member, loaded) = (new Member(new("d")) { Told = (directive, 9) }, new Member(new("d")));
        States.Carry(member.State, loaded.State);
        Assert.Equal((directive, 9), loaded.Told);
    }

    [Fact]
    public void What_selections_and_rules_see_of_a_device_is_the_same_afterwards()
    {
        var member = Device(3);
        (member.Invitations, member.Participations, member.ReportedIn) = (5, 4, 7);
        member.Take(6);
        var loaded = new Member(member.Id);
        States.Carry(member.State, loaded.State);
        Assert.Equal(member.View(1.5), loaded.View(1.5));
        Assert.Equal((6, 48, 4, 0.25f), (loaded.Took, loaded.Last!.Value.Samples, loaded.Last.Value.Steps, loaded.Last.Value.Loss));
    }

    [Fact]
    public void What_is_ordinary_in_a_fleet_is_the_same_afterwards_and_is_reckoned_anew_when_it_would_have_been()
    {
        var members = Enumerable.Range(1, 80).Select(Device).ToList();
        var (medians, loaded) = (new FleetMedians(), new FleetMedians());
        medians.Compute(members);
        for (var i = 0; i < 9; i++) { medians.Note(votes: true); }
        States.Carry(medians.State, loaded.State);
        members.ForEach(m => m.Vote(1000));
        loaded.Compute(members);        // of ten updates nine have come
        Assert.Equal((80, 41.0, 4.0), (loaded.Voters, loaded.Norm, loaded.Steps));
        Assert.Equal(medians.Latency, loaded.Latency);
        Assert.Equal(medians.Stragglers, loaded.Stragglers);
        Assert.Contains(loaded.Stragglers, s => s.Reason == "computing");
        Assert.Equal(medians.ScoreOf(members[0].Pace), loaded.ScoreOf(members[0].Pace));
        Assert.NotEqual(1, loaded.ScoreOf(members[0].Pace));
        loaded.Note(votes: true);
        loaded.Compute(members);
        Assert.Equal(1000, loaded.Norm);
    }

    [Fact]
    public void What_a_selection_remembers_is_kept()
    {
        using var probe = Updates.Probe(new FedBuff(1).Rounds with { Select = new InTurn() });
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            probe.Send(Updates.Of("a", sequence, 1, sequence - 1), Updates.Of("b", sequence, 1, sequence - 1));
        }
        Assert.Equal(["a", "b", "a", "b"], probe.TakeAll<Weights>().Take(4).Select(w => Assert.Single(w.Invited!.Value)));
    }

    [Fact]
    public void Versions_that_wait_are_sent_whole_and_in_the_order_of_the_fleet()
    {
        using var probe = Answers.Probe(new FedBuff(40).Rounds with
        {
            Select = Cohort.Fraction(1),
            Direct = Direct.Same(new() { StepsPerUpdate = 3 }),
        });
        for (var device = 39; device >= 0; device--)
        {
            probe.Send(Updates.Of($"d{device:00}", 1, 1) with { Moments = new(2, [device], [1]) });
        }

        probe.Advance(TimeSpan.Zero);
        var versions = probe.TakeAll<Weights>();
        Assert.Equal(Enumerable.Range(0, 40).Reverse().Select(d => $"d{d:00}"), versions.Select(v => v.Recipient));
        Assert.All(versions, v => Assert.Equal((80L, 40, 3), (v.Scale!.Count, v.Invited!.Value.Length, v.Directives[0].StepsPerUpdate)));
    }

    [Fact]
    public void A_receipt_that_waits_is_sent_once_though_it_is_asked_for_again()
    {
        using var probe = Answers.Probe(new FedBuff(100));
        for (var device = 0; device < 20; device++) { probe.Send(Updates.Of($"d{device:00}", 1, 1)); }
        probe.Receipts();
        probe.Control(new ConnectionChange { Transport = "t", Session = "s", IsConnected = true, Connects = 2, SessionKept = false });
        probe.Control(Answers.Say("d19", PresenceKind.Waiting));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal(20, probe.Receipts().Count);
    }

    [Fact]
    public void A_bound_on_norms_grows_with_the_steps_of_an_update_that_there_was_time_for_against_the_fleets()
    {
        using var probe = Updates.Probe(new FedBuff(3));
        for (var round = 1; round <= 2; round++)
        {
            foreach (var device in new[] { "a", "b", "c" }) { probe.Send(Updates.Of(device, round, 0.5f, baseVersion: round - 1)); }
            probe.Advance(TimeSpan.FromSeconds(round));
        }

        probe.Send(Updates.Of("a", 3, 7.5f, baseVersion: 2) with { Steps = 8 });
        Assert.Empty(probe.Metrics.Drops);
        probe.Send(Updates.Of("b", 3, 7.5f, baseVersion: 2));
        probe.Send(Updates.Of("a", 4, 7.5f, baseVersion: 2) with { Steps = 1000 });      // no time has passed since its last
        Assert.Equal(2, probe.Metrics.Drops["norm"]);
    }

    [Fact]
    public void A_rule_that_streams_knows_the_weights_of_all_that_it_added()
    {
        using var probe = Updates.Probe(
            new FedBuff(3).Rounds with { Apply = new StreamedMean(), Weigh = Weigh.BySamples },
            new() { MaxNorm = 100, Averaging = Averaging.None });
        for (var i = 1; i <= 3; i++) { probe.Send(Updates.Of($"d{i}", 1, i, samples: 16 * i)); }
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal((1f + 4 + 9) / 6, moved, 1e-5f));
    }

    [Fact]
    public void Once_norms_are_known_an_update_stays_in_its_round_though_the_fleets_norms_fall()
    {
        using var probe = Updates.Probe(new FedBuff(3));
        foreach (var (device, norm) in new[] { ("a", 1f), ("b", 1f), ("c", 1.2f) }) { probe.Send(Updates.Of(device, 1, norm / 2)); }
        foreach (var (device, norm) in new[] { ("c", 9.9f), ("a", 0.2f), ("b", 0.2f) })
        {
            probe.Send(Updates.Of(device, 2, norm / 2, baseVersion: 1));
        }
        Assert.Equal([3, 3], probe.TakeAll<Round>(port: 1).Select(r => r.Contributions.Length));
    }

    [Fact]
    public void A_round_of_several_is_that_of_none_of_them_whoever_was_last()
    {
        using var probe = Updates.Probe(new FedBuff(3));
        foreach (var (device, sequence) in new[] { ("a", 1), ("b", 1), ("a", 2) }) { probe.Send(Updates.Of(device, sequence, 1)); }
        probe.Clear();
        foreach (var (device, sequence) in new[] { ("a", 3), ("b", 2), ("b", 3) }) { probe.Send(Updates.Of(device, sequence, 1)); }
        Assert.Equal([1L, 1, 1], probe.Take<Round>(port: 1).Contributions.Select(c => c.Staleness));
    }

    [Fact]
    public void Devices_hear_of_a_void_round_in_the_order_of_their_updates()
    {
        using var probe = Answers.Probe(new FedAvg(3) { Deadline = TimeSpan.FromSeconds(10), MinFraction = 1 });
        foreach (var device in new[] { "b", "c", "a" }) { probe.Send(InvitationTests.Announcement(device, 1, baseVersion: 0)); }
        probe.Send(Updates.Of("c", 2, 1, baseVersion: 1), Updates.Of("a", 2, 1, baseVersion: 1));
        probe.Receipts();
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["c/1: 2 Refused-void-round 1 Applied", "a/1: 2 Refused-void-round 1 Applied"], probe.Receipts());
    }

    [Fact]
    public void A_lost_session_is_heard_of_once_and_remembered_until_all_are_back()
    {
        ConnectionChange Change(string session, long connects, bool isConnected = true) =>
            new() { Transport = "edge", Session = session, Connects = connects, IsConnected = isConnected };
        using var probe = Answers.Probe(new FedBuff(100));
        probe.Send(Updates.Of("a", 1, 1));
        probe.Control(Change("up", 1), Change("down", 1), Change("down", 1, isConnected: false), Change("up", 2));
        probe.Receipts();
        probe.Control(Change("down", 2) with { SessionKept = true });
        Assert.Single(probe.Receipts());
        probe.Control(Change("up", 2));
        Assert.Empty(probe.Receipts());
    }

    private static Member Device(int number)
    {
        var member = new Member(new($"d{number:00}"));
        member.Pace.Arrive(
            OperatorProbe.Start, OperatorProbe.Start.AddSeconds(number * number), steps: 4,
            roundTime: TimeSpan.FromSeconds(number * number * 0.75), creditWait: TimeSpan.Zero);
        member.Vote(number);
        member.Sent(Updates.Of("d", 1, 1) with { Samples = 16 * number, Loss = 0.25f });
        return member;
    }

    private sealed record InTurn : Cohort
    {
        public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
            cohort.Add(fleet.Devices[(int)fleet.Memory[3]++ % fleet.Devices.Length].Device);
    }

    private sealed record StreamedMean : Apply
    {
        public override bool Streams => true;

        public override void Add(ServerState state, in WeightedUpdate update)
        {
            var sum = state.Slot("sum");
            for (var i = 0; i < sum.Length; i++) { sum[i] += update.Weight * update.Values[i]; }
        }

        public override void Finish(ServerState state)
        {
            var sum = state.Slot("sum");
            for (var i = 0; i < sum.Length; i++) { state.Weights[i] += (float)(sum[i] / state.TotalWeight); }
        }
    }
}
