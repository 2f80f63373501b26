namespace StreamLearn.Fleets.Tests;

/// <summary>Workers of a site that come and go.</summary>
public sealed class ComingWorkersTests
{
    private static readonly LinearModel Model = new(2, new SquaredError(), bias: false);
    private static readonly KeepSignificantOptions All = new() { Threshold = new ConstantThreshold(0) };
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly ReplicatedModelOptions Three = new() { Workers = 3, MaxLead = 100, Keep = All, Lease = Lease };
    public static TheoryData<bool> Orders { get; } = new(false, true);

    [Fact]
    public void The_updates_of_a_new_start_of_a_worker_count_from_1()
    {
        using var probe = Probe(Three);
        SendAll(probe, 1);
        probe.Clear();
        probe.Send(Update("a", 2, 1, 0), Update("b", 2, 1, 0), Update("c", 1, 1, 0) with { Epoch = 2 });
        Assert.Equal(2, probe.Take<WeightDelta>(1).BaseVersion);
    }

    [Theory, MemberData(nameof(Orders))]
    public void A_worker_that_leaves_is_waited_for_no_more_and_with_the_last_one_the_site_leaves(bool isOrdered)
    {
        var keep = new KeepSignificantOptions { Threshold = new ConstantThreshold(1) };
        using var probe = Probe(Three with { IsOrdered = isOrdered, MaxHeld = 200, Keep = keep });
        SendAll(probe, 1);
        probe.Clear();
        probe.Send(Update("a", 2, 0, 1) with { Leaving = true }, Update("b", 2, 0, 1));
        Assert.Equal(0, probe.Count());
        probe.Send(Update("c", 2, 0, 1));
        Assert.Equal(["b:3 3", "c:3 3"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal("2:0 0", Shown(probe.Take<WeightDelta>(1)));      // 3 is not more than 3
        Assert.Equal(2, probe.Metrics.Gauges["workers"]);

        probe.Send(Update("b", 3, 0.5f, 0) with { Leaving = true });
        Assert.Empty(probe.TakeAll<WeightDelta>(1));
        probe.Send(Update("c", 3, 0, 0.5f) with { Leaving = true, Steps = 0 });

        var last = probe.Take<WeightDelta>(1);
        Assert.True(last.Leaving);
        Assert.Equal("3:3.5 3.5", Shown(last));
        Assert.Equal([":3.5 3.5"], probe.TakeAll<Weights>().Select(Shown));
        probe.Send(Update("b", 4, 1, 0));           // it has come again
        Assert.Equal(["b:4.5 3.5"], probe.TakeAll<Weights>().Select(Shown));
        Assert.False(probe.Take<WeightDelta>(1).Leaving);
        probe.Send(Update("b", 5, 0, 0) with { Leaving = true });
        Assert.True(probe.Take<WeightDelta>(1).Leaving);
    }

    [Theory, MemberData(nameof(Orders))]
    public void A_worker_that_vanishes_is_waited_for_as_long_as_the_lease_and_comes_again_at_the_clock_of_the_slowest(bool isOrdered)
    {
        using var probe = Probe(Three with { IsOrdered = isOrdered, MaxHeld = 200 });
        SendAll(probe, 1);
        probe.Clear();
        probe.Advance(Lease / 2);
        SendAll(probe, 2, "a", "b");
        probe.Advance((Lease / 2) - TimeSpan.FromTicks(1));
        Assert.Equal(0, probe.Count());

        probe.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a:5 0", "b:5 0"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal("2:2 0", Shown(probe.Take<WeightDelta>(1)));
        for (var clock = 3; clock <= 9; clock++) { SendAll(probe, clock, "a", "b"); }
        probe.Clear();

        probe.Send(Update("c", 2, 1, 0));           // its third step is the tenth of the others
        Assert.Equal(0, probe.Count());
        SendAll(probe, 10, "a", "b");
        Assert.Equal(["a:22 0", "b:22 0", "c:22 0"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal("10:3 0", Shown(probe.Take<WeightDelta>(1)));
    }

    [Fact]
    public void The_last_version_comes_when_the_others_allow_it()
    {
        using var probe = Probe(Three with { MaxLead = 1, Workers = 2 });
        SendAll(probe, 1, "a", "b");
        foreach (var worker in Names[..2]) { probe.Send(Update(worker, 2, 0, 0) with { Leaving = true, Steps = 0 }); }
        Assert.True(probe.TakeAll<WeightDelta>(1)[^1].Leaving);
        Assert.Equal(0, probe.Count());
        probe.Control(Update("other", 2, 0, 1));
        Assert.Equal([":2 1"], probe.TakeAll<Weights>().Select(Shown));
    }

    [Fact]
    public void A_site_of_which_all_workers_vanish_does_not_leave()
    {
        using var probe = Probe(Three with { Workers = 2 });
        SendAll(probe, 1, "a", "b");
        probe.Clear();
        probe.Advance(3 * Lease);
        Assert.Equal(0, probe.Metrics.Gauges["workers"]);
        Assert.Equal(0, probe.Count(1));
        probe.Send(Update("a", 2, 0, 0) with { Leaving = true });
        Assert.True(probe.Take<WeightDelta>(1).Leaving);
    }

    [Fact]
    public void A_site_does_not_leave_while_a_worker_may_still_begin()
    {
        using var probe = Probe(Three);
        foreach (var worker in Names[..2]) { probe.Send(Update(worker, 1, 1, 0) with { Leaving = true }); }
        probe.Advance(Lease - TimeSpan.FromTicks(1));
        Assert.Equal(0, probe.Count(1));
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("1:2 0", Shown(probe.Take<WeightDelta>(1)));
    }

    [Fact]
    public void Those_that_wait_go_on_without_the_one_that_nobody_has_heard_of()
    {
        using var probe = Probe(Three);
        SendAll(probe, 1, "a", "b");
        probe.Advance(Lease - TimeSpan.FromTicks(1));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a:2 0", "b:2 0"], probe.TakeAll<Weights>().Select(Shown));
    }

    [Fact]
    public void One_that_nobody_has_heard_of_is_waited_for_from_the_first_that_was_heard_for_the_lease()
    {
        using var probe = Probe(Three with { Slack = 1 });
        probe.Advance(3 * Lease);
        SendAll(probe, 1, "a", "b");
        probe.Send(Update("a", 2, 1, 0));
        Assert.Equal(["a:1 0", "b:2 0"], probe.TakeAll<Weights>().Select(Shown));
        probe.Advance(Lease - TimeSpan.FromTicks(1));
        Assert.Equal(0, probe.Count(1));
        probe.Advance(TimeSpan.FromTicks(1));       // b has vanished as well
        Assert.Equal("2:3 0", Shown(probe.Take<WeightDelta>(1)));
        probe.Send(Update("c", 1, 1, 0));
        Assert.Equal(["a:3 0", "c:4 0"], probe.TakeAll<Weights>().Select(Shown));
    }

    [Fact]
    public void A_worker_that_waits_for_the_site_does_not_vanish_and_has_the_lease_from_when_it_goes_on()
    {
        using var probe = Probe(Three with { MaxLead = 1, Workers = 2 });
        probe.Control(Update("other", 1, 0, 0));
        SendAll(probe, 1, "a", "b");
        Assert.Equal(2, probe.TakeAll<Weights>().Count);
        SendAll(probe, 2, "a", "b");
        for (var time = 1; time <= 3; time++)
        {
            probe.Advance(Lease / 2);
            probe.Control(Update("other", 1 + time, 0, 0) with { BaseVersion = 1 });
        }

        Assert.Equal(2, probe.Metrics.Gauges["workers"]);
        probe.Control(Update("other", 9, 0, 0) with { BaseVersion = 2 });
        Assert.Equal(["a", "b"], probe.TakeAll<Weights>().Select(static v => v.Recipient));
        probe.Send(Update("a", 3, 1, 0));
        probe.Advance(Lease - TimeSpan.FromTicks(1));
        Assert.Equal(2, probe.TakeAll<WeightDelta>(1)[^1].BaseVersion);
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(3, probe.Take<WeightDelta>(1).BaseVersion);
    }

    [Fact]
    public void A_worker_that_only_says_that_it_is_there_gets_the_version_that_there_is()
    {
        using var probe = Probe(Three);
        probe.Send(Update("a", 1, 0, 0) with { Steps = 0 });
        var first = probe.Take<Weights>();
        Assert.Equal(("a", 1), (first.Recipient, first.Version));       // newer than the initial one
        Assert.Equal(0, probe.Count(1));
        probe.Send(Update("a", 2, 1, 0));
        SendAll(probe, 1, "b", "c");
        Assert.Equal(["a:3 0", "b:3 0", "c:3 0"], probe.TakeAll<Weights>().Select(Shown));
    }

    [Theory, MemberData(nameof(Orders))]
    public void What_workers_learn_while_the_site_joins_is_dropped_and_then_all_begin_at_its_clock(bool isOrdered)
    {
        using var probe = Signalled(Three with { Joins = true, IsOrdered = isOrdered, MaxHeld = 200 });
        SendAll(probe, 1, "a", "b");
        probe.Send(Update("d", 1, 1, 0) with { SchemaHash = 7 });
        probe.Control(Update("other", 7, 1, 0));
        probe.Control(Signal(SiteSignalKind.Snapshot) with { Clock = 7, Clocks = [new("other", 1, 7, 7)], Values = [50, 60] });
        Assert.Equal(["a:50 60", "b:50 60"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal(3, probe.Metrics.Drops["joining"]);
        SendAll(probe, 2, "a", "b");
        Assert.Equal(0, probe.Count());
        SendAll(probe, 1, "c");
        var versions = probe.TakeAll<Weights>();
        Assert.Equal(["a:53 60", "b:53 60", "c:53 60"], versions.Select(Shown));
        Assert.Equal(8, versions[0].Version);
        var told = probe.Take<WeightDelta>(1);
        Assert.Equal((1, "8:3 0"), (told.Sequence, Shown(told)));
    }

    [Theory, MemberData(nameof(Orders))]
    public void A_site_that_joins_gets_none_of_what_workers_have_learned_since_the_others_were_told(bool isOrdered)
    {
        using var probe = Signalled(Three with { Joiners = 1, IsOrdered = isOrdered, MaxHeld = 200 });
        probe.Control(Update("x", 1, 0, 7));
        for (var clock = 1; clock <= 2; clock++) { SendAll(probe, clock); }
        SendAll(probe, 3, "a", "b");
        probe.Control(Signal(SiteSignalKind.Join) with { Site = "z", Recipient = null });
        var snapshot = probe.Take<SiteSignal>(2);
        Assert.Equal([6f, isOrdered ? 0 : 7], snapshot.Values);     // in order the other's change has its turn later
        Assert.Equal((2, 2L), (snapshot.Clocks[0].Sequence, snapshot.Clocks[0].Clock));
    }

    [Fact]
    public void Changes_of_workers_wait_for_the_link_as_those_of_one_do_and_nobody_goes_on_without_values_that_are_read()
    {
        using var probe = Signalled(Three with { MaxUnheard = 1 });
        probe.Control(Update("other", 1, 0, 0));
        probe.Clear();
        for (var clock = 1; clock <= 3; clock++) { SendAll(probe, clock); }
        Assert.Equal(["1:3 0"], probe.TakeAll<WeightDelta>(1).Select(Shown));
        Assert.Equal(["2:0", "3:"], probe.TakeAll<SiteSignal>(2).Select(static s => $"{s.Clock}:{string.Join(' ', s.Keys)}"));
        Assert.Equal(9, probe.TakeAll<Weights>().Count);
        probe.Control(Signal(SiteSignalKind.Heard) with { Clocks = [new("probe", 5, 1, 1)] });
        Assert.Equal("3:6 0", Shown(probe.Take<WeightDelta>(1)));
        probe.Control(Signal(SiteSignalKind.Pending) with { Clock = 2, Keys = [1] });
        SendAll(probe, 4);
        Assert.Empty(probe.TakeAll<Weights>());
        probe.Control(Update("other", 2, 0, 5));
        Assert.Equal(["a:12 5", "b:12 5", "c:12 5"], probe.TakeAll<Weights>().Select(Shown));
    }

    private static SiteSignal Signal(SiteSignalKind kind) => new()
    {
        Site = "other",
        Kind = kind,
        SchemaHash = Model.Plan.SchemaHash,
        Recipient = "probe",
    };

    private static void SendAll(OperatorProbe probe, long clock, params string[] workers)
    {
        foreach (var worker in workers.Length == 0 ? Names : workers) { probe.Send(Update(worker, clock, 1, 0)); }
    }

    private static string Shown(Weights version) => $"{version.Recipient}:{string.Join(' ', version.Values)}";
    private static string Shown(WeightDelta update) => $"{update.BaseVersion}:{string.Join(' ', update.Values)}";

    private static WeightDelta Update(string worker, long clock, params float[] change) =>
        SiteMessages.Update(Model, worker, clock, change);

    private static OperatorProbe Signalled(ReplicatedModelOptions options) => SiteMessages.Probe(Model, options with { Epoch = 5 });

    private static OperatorProbe Probe(ReplicatedModelOptions options) => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.Replicate(Model, p.Input<WeightDelta>("others"), options)));
}
