namespace StreamLearn.Fleets.Tests;

/// <summary>Sites that join, leave and vanish while others run.</summary>
public sealed class JoiningSitesTests
{
    private const int Keys = 8;
    private const int Worlds = 40;
    private static readonly LinearModel Model = new(Keys, new SquaredError(), bias: false);
    private static readonly LinearModel Small = new(2, new SquaredError(), bias: false);
    private static readonly string[] Names = ["a", "b", "c", "late"];
    public static TheoryData<bool, bool> Kinds { get; } = new() { { false, false }, { true, false }, { false, true } };

    /// <summary>All changes are sixteenths, so that every sum is exact, in any order; one site goes on when all others have left.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void AT_3c_Across_a_join_nothing_is_lost_and_nothing_counts_twice(bool barrier, bool ordered)
    {
        var (refused, snapshots) = (0L, 0L);
        for (var seed = 0; seed < Worlds; seed++)
        {
            using var world = new SiteWorld(Model);
            var (random, longest) = (new RandomStream(seed, "join"), seed % 2 == 0 ? "late" : "b");
            foreach (var name in Names[..3])
            {
                world.Add(Site(name, seed, name == longest ? 200 : 50 + (5 * random.NextInt32(4)), random, barrier, ordered));
            }

            var late = Site("late", seed, longest == "late" ? 200 : 25, random, barrier, ordered);
            world.World.At(TimeSpan.FromMilliseconds(1 + (150 * random.NextDouble())), () => world.Add(late));
            world.RunUntil(() => world.Updates.Exists(u => u.Update.Device == longest && u.Update.Leaving));

            var last = world.Last(longest);
            Assert.Equal((seed, Shown(world.Told)), (seed, Shown(last.Values.Select(static v => (double)v))));
            Assert.Contains(last.Values, static v => v != 0);
            foreach (var name in Names) { Assert.Equal((seed, 0), (seed, world.Metrics(name).Counter("updates-missed"))); }
            var joined = world.Versions.First(static v => v.Site == "late").Version;
            Assert.InRange(joined.Version, 1, 60);
            refused += world.Metrics("late").Counter("snapshots-refused");
            snapshots += Names[1..].Sum(n => world.Metrics(n).Counter("snapshots"));
        }

        TestContext.Current.SendDiagnosticMessage($"{refused} snapshots were refused");
        Assert.Equal(0, snapshots);             // they are those of a
    }

    [Fact]
    public void A_site_that_crashes_without_a_checkpoint_joins_again_and_what_it_had_told_counts_once()
    {
        var waits = TimeSpan.Zero;
        for (var seed = 0; seed < Worlds; seed++)
        {
            using var world = new SiteWorld(Model);
            var (random, longest) = (new RandomStream(seed, "again"), seed % 2 == 0 ? "c" : "b");
            foreach (var name in Names[..3])
            {
                world.Add(Site(name, seed, name == "a" ? 80 : 200, random, barrier: seed % 3 == 0, ordered: seed % 3 == 1));
            }

            var again = Site("c", seed + Worlds, longest == "c" ? 300 : 50, random, barrier: seed % 3 == 0, ordered: seed % 3 == 1);
            again = again with { Steps = again.Steps with { Epoch = 2 }, Options = again.Options with { Joins = true } };
            var at = TimeSpan.FromMilliseconds(100 + (200 * random.NextDouble()));
            var back = at + TimeSpan.FromMilliseconds(60);       // longer than messages take
            world.World.At(at, world.Device("c").Crash);
            world.World.At(back, () => world.Add(again));
            world.RunUntil(() => world.Updates.Exists(u => u.Update.Device == longest && u.Update.Leaving));
            Assert.Equal((seed, Shown(world.Told)), (seed, Shown(world.Last(longest).Values.Select(static v => (double)v))));
            var joined = world.Versions.First(v => v.Site == "c" && v.At > back).At - back;
            waits = joined > waits ? joined : waits;
        }

        Assert.InRange(waits, TimeSpan.Zero, TimeSpan.FromSeconds(1));     // of a lease of a minute
    }

    [Fact]
    public void The_first_by_name_sends_what_all_know_and_the_clocks_of_all()
    {
        using var probe = Probe(new() { Others = 2, Joiners = 1, Keep = new() { Threshold = new ConstantThreshold(0.55f) } });
        probe.Control(Update("x", 1, 1, 0), Update("y", 1, 2, 0) with { Leaving = true });
        probe.Send(Update("probe", 1, 4, 0.5f));
        probe.Send(Update("probe", 2, 8, 0.25f));       // waits: it is small beside 15
        probe.Control(Join("z"));
        var said = probe.Take<SiteSignal>(2);
        Assert.Equal((SiteSignalKind.Snapshot, "z", 2L), (said.Kind, said.Recipient, said.Clock));
        Assert.Equal([7f, 0.5f], said.Values);
        Assert.Equal([new("probe", 1, 2, 2), new("x", 1, 1, 1), new SiteClock("y", 1, 1, 1, HasLeft: true)], said.Clocks);
        probe.Control(Update("a", 1, 0, 0), Join("z"));
        Assert.Empty(probe.TakeAll<SiteSignal>(2));     // a does that
    }

    [Fact]
    public void A_site_that_asks_is_waited_for_no_more_and_who_does_not_know_all_others_says_nothing()
    {
        using var probe = Probe(new() { Others = 2, MaxLead = 1 });
        probe.Control(Update("x", 3, 0, 0), Join("z"));
        Assert.Empty(probe.TakeAll<SiteSignal>(2));
        probe.Control(Update("y", 1, 0, 0));
        for (var step = 1; step <= 2; step++) { probe.Send(Update("probe", step, 0, 0)); }
        Assert.Equal(1, probe.Take<Weights>().Version);
        probe.Control(Join("y"));           // it has lost what it knew
        Assert.Equal("y", probe.Take<SiteSignal>(2).Recipient);
        Assert.Equal(2, probe.Take<Weights>().Version);
    }

    [Fact]
    public void A_site_that_joins_asks_until_a_snapshot_fits_and_then_begins_with_the_clock_of_the_slowest()
    {
        using var probe = Probe(new() { Others = 2, Joins = true });
        probe.Send(Update("probe", 1, 9, 9));
        Assert.Equal(SiteSignalKind.Join, probe.Take<SiteSignal>(2).Kind);
        probe.Control(Update("a", 7, 1, 0), Update("b", 5, 1, 0));
        probe.Control(Snapshot(new("a", 1, 5, 5), new SiteClock("b", 1, 4, 4)));        // 6 of a is nowhere
        Assert.Empty(probe.TakeAll<Weights>());
        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SiteSignalKind.Join, probe.Take<SiteSignal>(2).Kind);

        probe.Control(Snapshot(new("a", 1, 7, 7), new SiteClock("b", 1, 4, 4)));

        Assert.Equal((SiteSignalKind.Joined, 5L), (probe.Take<SiteSignal>(2) is var said ? said.Kind : default, said.Clock));
        var version = probe.Take<Weights>();
        Assert.Equal(5, version.Version);
        Assert.Equal([101f, 100], version.Values);      // 5 of b, and not 7 of a again
        probe.Send(Update("probe", 2, 1, 0));
        var own = probe.Take<WeightDelta>(1);
        Assert.Equal((1, 6L), (own.Sequence, own.BaseVersion));
        Assert.Equal(("joining", 1L), probe.Metrics.Drops.Select(static d => (d.Key, d.Value)).Single());
    }

    [Fact]
    public void A_site_that_has_left_helps_nobody_and_what_is_for_others_is_passed_over()
    {
        using var joins = Probe(new() { Others = 1, Joins = true });
        joins.Control(Update("a", 7, 1, 0), Snapshot(new SiteClock("a", 1, 6, 6)) with { Recipient = "z" });
        Assert.Empty(joins.TakeAll<Weights>());
        using var left = Probe(new());
        left.Control(Update("x", 1, 0, 0));
        left.Send(Update("probe", 1, 1, 0) with { Leaving = true });
        left.Control(Join("z"));
        Assert.Empty(left.TakeAll<SiteSignal>(2));
    }

    [Fact]
    public void Of_a_site_whose_joining_nobody_heard_no_answers_are_awaited_to_what_was_in_its_snapshot()
    {
        using var probe = Probe(new() { Joiners = 1, MaxLead = 100, MaxUnheard = 1 });
        for (var step = 1; step <= 5; step++) { probe.Send(Update("probe", step, 1, 0)); }
        probe.Control(Update("z", 1, 1, 0) with { BaseVersion = 4 });
        probe.Send(Update("probe", 6, 1, 0));
        Assert.Equal(6, probe.TakeAll<WeightDelta>(1)[^1].Sequence);
    }

    [Fact]
    public void A_site_that_has_joined_is_waited_for_from_its_clock_on()
    {
        using var probe = Probe(new() { Others = 1, Joiners = 1, MaxLead = 3 });
        probe.Control(Update("a", 90, 0, 0));
        for (var step = 1; step <= 20; step++) { probe.Send(Update("probe", step, 0, 0)); }
        probe.Control(Joined("z", 19));
        for (var step = 21; step <= 22; step++) { probe.Send(Update("probe", step, 0, 0)); }
        Assert.Equal(21, probe.TakeAll<Weights>()[^1].Version);
        probe.Control(Update("z", 1, 1, 0) with { BaseVersion = 20 });
        Assert.Equal(22, probe.Take<Weights>().Version);
    }

    [Fact]
    public void A_site_that_has_vanished_is_waited_for_as_long_as_its_lease_and_again_when_it_is_heard()
    {
        var lease = TimeSpan.FromSeconds(10);
        using var probe = Probe(new() { Others = 2, MaxLead = 1, Lease = lease });
        probe.Control(Update("a", 1, 0, 0));
        probe.Send(Update("probe", 1, 1, 0));
        probe.Advance(lease - TimeSpan.FromSeconds(1));
        probe.Control(Update("a", 2, 0, 0));
        Assert.Empty(probe.TakeAll<Weights>());         // nobody has heard of b

        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, probe.Take<Weights>().Version);
        for (var step = 2; step <= 3; step++) { probe.Send(Update("probe", step, 1, 0)); }
        Assert.Equal(2, probe.Take<Weights>().Version);
        Assert.Empty(probe.TakeAll<Weights>());         // a is at 2
        probe.Advance(lease);
        Assert.Equal(3, probe.Take<Weights>().Version);

        probe.Control(Update("a", 3, 0, 0));
        probe.Send(Update("probe", 4, 1, 0));
        Assert.Empty(probe.TakeAll<Weights>());
    }

    [Fact]
    public void Without_a_lease_it_is_waited_for_for_ever()
    {
        using var probe = Probe(new() { MaxLead = 1, Lease = null });
        probe.Send(Update("probe", 1, 1, 0));
        probe.Advance(TimeSpan.FromDays(1));
        Assert.Empty(probe.TakeAll<Weights>());
        Assert.Null(probe.WakeAt);
    }

    [Fact]
    public void The_updates_of_a_new_start_of_a_site_count_from_1_and_those_of_the_old_one_no_more()
    {
        using var probe = Probe(new());
        probe.Control(Update("a", 9, 1, 0), Update("a", 1, 1, 0) with { Epoch = 2, BaseVersion = 10 });
        probe.Control(Update("a", 10, 1, 0));
        Assert.Equal(8, probe.Metrics.Counter("updates-missed"));
        Assert.Equal(1, probe.Metrics.Drops["duplicate"]);
        probe.Send(Update("probe", 1, 1, 0));
        Assert.Equal(3, probe.Take<Weights>().Values[0]);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Joiners = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Lease = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { AskEvery = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxHeld = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxHeld = 7, IsOrdered = true }));
        Assert.Throws<ArgumentException>(() => OperatorProbe.From<WeightDelta>(static (p, own) =>
            OperatorProbe.Use(own.Replicate(Small, p.Input<WeightDelta>("others"), new() { Joins = true }))));
    }

    private static string Shown(IEnumerable<double> values) => string.Join(' ', values);

    private static SiteSettings Site(string name, long seed, long steps, RandomStream random, bool barrier, bool ordered) => new(name,
        new(name, steps, 5_000 + random.NextInt32(10_000), (step, _) => Sixteenths(new(seed, name, $"{step}"))),
        new()
        {
            Others = name == "late" ? 3 : 2,
            Joiners = name == "late" ? 0 : 1,
            Joins = name == "late",
            AskEvery = TimeSpan.FromMilliseconds(20),
            IsOrdered = ordered,
            MaxHeld = 64,
            Keep = new() { Threshold = new ShrinkingThreshold(0.5f) },
            MaxUnheard = barrier ? 1 : null,
        })
    { All = Names, Link = new() { Delay = TimeSpan.FromMilliseconds(1 + random.NextInt32(40)) } };

    private static float[] Sixteenths(RandomStream random) => [.. Enumerable.Range(0, Keys).Select(_ => (random.NextInt32(33) - 16) / 16f)];
    private static SiteSignal Join(string site) => new() { Site = site, Kind = SiteSignalKind.Join, SchemaHash = Small.Plan.SchemaHash };
    private static SiteSignal Joined(string site, long clock) => Join(site) with { Kind = SiteSignalKind.Joined, Clock = clock };

    private static SiteSignal Snapshot(params SiteClock[] clocks) => Join("a") with
    {
        Kind = SiteSignalKind.Snapshot,
        Recipient = "probe",
        Clock = 7,
        Clocks = [.. clocks],
        Values = [100, 100],
    };

    private static WeightDelta Update(string site, long clock, params float[] change) => SiteMessages.Update(Small, site, clock, change);
    private static OperatorProbe Probe(ReplicatedModelOptions options) => SiteMessages.Probe(Small, options);
}
