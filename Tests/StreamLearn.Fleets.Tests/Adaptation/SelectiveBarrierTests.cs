namespace StreamLearn.Fleets.Tests;

/// <summary>Changes that come faster than the link takes them.</summary>
public sealed class SelectiveBarrierTests
{
    private const int Block = 1024;
    private const int Keys = 4 * Block;
    private const int Lead = 8;
    private static readonly LinearModel Model = new(Keys, new SquaredError(), bias: false);
    private static readonly LinearModel Small = new(2, new SquaredError(), bias: false);
    private static readonly string[] Names = ["fast", "reader", "other"];
    private static readonly KeepSignificantOptions All = new() { Threshold = new ConstantThreshold(0) };

    [Fact]
    public void AT_3d_Who_reads_a_parameter_waits_for_its_values_and_the_others_go_on()
    {
        const int Steps = 60;
        using var world = Run(Steps, barrier: true);
        var waited = CheckReader(world, "reader", out var stale);
        Assert.Equal(0, stale);
        Assert.InRange(waited, 10, int.MaxValue);
        _ = CheckReader(world, "other", out var behind);        // it reads none of them
        Assert.InRange(behind, 5, int.MaxValue);
        Assert.Equal(0, world.Metrics("other").Counter("barrier-waits"));
        Assert.InRange(world.Metrics("reader").Counter("barrier-waits"), 10, int.MaxValue);
        Assert.InRange(world.Metrics("fast").Counter("updates-delayed"), Steps / 2, Steps);
        Assert.InRange(world.Updates.Count(static u => u.Site == "reader" && u.Update.Device == "fast"), 2, 7 * Steps / 10);
        Assert.Equal(Steps, world.Told[0]);
    }

    [Fact]
    public void AT_3d_With_the_barrier_the_slow_link_carries_less_and_all_have_done_sooner()
    {
        using var with = Run(60, barrier: true);
        using var without = Run(60, barrier: false);
        TestContext.Current.SendDiagnosticMessage(
            $"{with.World.Elapsed} and {without.World.Elapsed}; {with.Device("fast").BytesUp} and {without.Device("fast").BytesUp} bytes");
        Assert.InRange(with.World.Elapsed, TimeSpan.Zero, 0.8 * without.World.Elapsed);
        Assert.InRange(with.Device("fast").BytesUp, 0, 7 * without.Device("fast").BytesUp / 10);
    }

    [Fact]
    public void No_site_leads_the_slowest_by_more_than_the_mirror_clock_allows()
    {
        using var world = Run(60, barrier: true);
        var newest = Names.ToDictionary(static n => n, static _ => 0L);
        foreach (var (site, _, version) in world.Versions)
        {
            newest[site] = version.Version;
            Assert.InRange(version.Version - newest.Values.Min(), 0, Lead);
        }
    }

    [Fact]
    public void Nobody_waits_for_ever_though_messages_are_lost()
    {
        var (missed, expired) = (0L, 0L);
        for (var seed = 0; seed < 20; seed++)
        {
            using var world = new SiteWorld(Small);
            foreach (var name in Names)
            {
                world.Add(new(name, new(name, 100, 10_000, static (_, _) => [1, 1]), new()
                {
                    Others = 2,
                    Keep = All,
                    Lease = TimeSpan.FromMilliseconds(300),
                    MaxUnheard = 1,
                })
                { All = Names, Lost = 0.2, Link = new() { Delay = TimeSpan.FromMilliseconds(1 + seed) } });
            }

            world.RunUntil(() => Names.All(n => world.Versions.Exists(v => v.Site == n && v.Version.Version == 100)));
            missed += Names.Sum(n => world.Metrics(n).Counter("updates-missed"));
            expired += Names.Sum(n => world.Metrics(n).Counter("barriers-expired"));
        }

        TestContext.Current.SendDiagnosticMessage($"{missed} updates were missed, {expired} barriers expired");
        Assert.InRange(missed, 100, long.MaxValue);
        Assert.InRange(expired, 1, long.MaxValue);
    }

    [Fact]
    public void Changes_beyond_the_unheard_updates_go_as_one_when_these_are_heard_and_their_places_go_first()
    {
        using var probe = Probe(new() { MaxUnheard = 1, Keep = All, MaxLead = 100 });
        probe.Control(Update("a", 1, 0, 0));
        Assert.Equal(("a", 1L), Answered(probe.Take<SiteSignal>(2)));
        probe.Send(Update("probe", 1, 1, 0), Update("probe", 2, 0, 0), Update("probe", 3, 0, 1));
        probe.Send(Update("probe", 4, 0, 1));
        Assert.Equal([(1, 1L)], probe.TakeAll<WeightDelta>(1).Select(static u => (u.Sequence, u.BaseVersion)));
        var said = probe.TakeAll<SiteSignal>(2);
        Assert.Equal(["2:", "3:1", "4:"], said.Select(static s => $"{s.Clock}:{string.Join(' ', s.Keys)}"));
        Assert.All(said, static s => Assert.Equal((SiteSignalKind.Pending, null), (s.Kind, s.Recipient)));
        probe.Control(Heard("a", 1));
        var sent = probe.Take<WeightDelta>(1);
        Assert.Equal((2, 4L), (sent.Sequence, sent.BaseVersion));
        Assert.Equal([0f, 2], sent.Values);
        Assert.Equal(3, sent.Steps);
        Assert.Equal([1, 2, 3, 4], probe.TakeAll<Weights>().Select(static v => v.Version));
    }

    [Fact]
    public void No_version_comes_while_values_are_awaited_that_the_site_reads()
    {
        using var reader = Probe(new() { MaxUnheard = 2, Reads = [1], Keep = All });
        using var other = Probe(new() { MaxUnheard = 2, Reads = [0], Keep = All });
        foreach (var probe in new[] { reader, other })
        {
            probe.Control(Update("a", 1, 0, 0), Pending("a", 5, 1));
            probe.Send(Update("probe", 1, 1, 0));
        }

        Assert.Equal([1f, 0], other.Take<Weights>().Values);
        Assert.Empty(reader.TakeAll<Weights>());
        reader.Control(Update("a", 2, 0, 1));       // of an earlier clock: not all that was told of
        Assert.Empty(reader.TakeAll<Weights>());
        reader.Control(Update("a", 3, 0, 1) with { BaseVersion = 5 });
        Assert.Equal([1f, 2], reader.Take<Weights>().Values);
        reader.Control(Pending("a", 4, 1));         // overtaken by the values
        reader.Send(Update("probe", 2, 1, 0));
        Assert.Equal([2f, 2], reader.Take<Weights>().Values);
    }

    [Fact]
    public void Values_that_never_come_are_awaited_for_the_lease_and_no_longer()
    {
        var lease = TimeSpan.FromSeconds(10);
        using var probe = Probe(new() { MaxUnheard = 2, Keep = All, Lease = lease, MaxLead = 100 });
        probe.Control(Update("a", 1, 0, 0), Pending("a", 5, 1));
        probe.Send(Update("probe", 1, 1, 0));
        for (var second = 6; second < 15; second++)     // it speaks, and sends no values
        {
            Assert.Empty(probe.TakeAll<Weights>());
            probe.Advance(TimeSpan.FromSeconds(1));
            probe.Control(Pending("a", second));
        }

        probe.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, probe.Take<Weights>().Version);
        Assert.Equal(1, probe.Metrics.Counter("barriers-expired"));
    }

    [Fact]
    public void Changes_go_after_the_lease_though_nobody_has_answered_and_at_once_with_a_farewell()
    {
        var lease = TimeSpan.FromSeconds(10);
        using var probe = Probe(new() { MaxUnheard = 1, Keep = All, Lease = lease, MaxLead = 100 });
        probe.Control(Update("a", 1, 0, 0));
        for (var step = 1; step <= 2; step++) { probe.Send(Update("probe", step, 1, 0)); }
        Assert.Single(probe.TakeAll<WeightDelta>(1));
        probe.Advance(lease / 2);
        probe.Control(Update("a", 2, 0, 0));            // it is there; its answer is lost
        Assert.Empty(probe.TakeAll<WeightDelta>(1));
        probe.Advance(lease / 2);
        Assert.Equal((2, 2L), Numbers(probe.Take<WeightDelta>(1)));
        probe.Send(Update("probe", 3, 1, 0), Update("probe", 4, 1, 0) with { Leaving = true });
        var last = probe.Take<WeightDelta>(1);
        Assert.Equal((3, 4L), Numbers(last));
        Assert.True(last.Leaving);
        Assert.Equal([2f, 0], last.Values);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxUnheard = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxUnheard = 2, Reads = [2] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxUnheard = 2, Reads = [-1] }));
        Assert.Throws<ArgumentException>(() => Probe(new() { MaxUnheard = 2, IsOrdered = true }));
    }

    /// <summary>Of three sites, one has a link that is ten times too slow for what it learns: a quarter of the parameters.</summary>
    private static SiteWorld Run(int steps, bool barrier)
    {
        var world = new SiteWorld(Model, signalsApart: true);
        foreach (var name in Names)
        {
            var (block, step) = (Array.IndexOf(Names, name), name == "fast" ? 10_000 : 12_000);
            world.Add(new(name, new(name, steps, step, (_, _) => Ones(block)), new()
            {
                Others = 2,
                MaxLead = Lead,
                Keep = All,
                MaxUnheard = barrier ? 2 : null,
                Reads = name == "other" ? [.. Enumerable.Range(2 * Block, Block)] : null,
            })
            {
                All = Names,
                // an update has some 4200 bytes: 100 ms
                Link = name == "fast" ? new() { UpBitsPerSecond = 336_000, Delay = TimeSpan.FromMilliseconds(1) } : new(),
            });
        }

        world.RunUntil(() => Names.All(n => world.Versions.Exists(v => v.Site == n && v.Version.Version == steps)
            && world.Updates.Count(u => u.Site == n && u.Update.Leaving) == 2));
        foreach (var name in Names) { Assert.Equal(0, world.Metrics(name).Counter("updates-missed")); }
        return world;
    }

    private static float[] Ones(int block)
    {
        var change = new float[Keys];
        change.AsSpan(Block * block, Block).Fill(1);
        return change;
    }

    /// <summary>How many versions of a site hold what it was told to await; and of those that came meanwhile, how many lack it.</summary>
    private static int CheckReader(SiteWorld world, string site, out int stale)
    {
        var held = 0;
        stale = 0;
        foreach (var (_, at, version) in world.Versions.Where(v => v.Site == site))
        {
            var told = world.Signals.Where(s => s.Site == site && s.At < at && s.Signal is { Site: "fast", Keys.IsEmpty: false })
                .Select(static s => s.Signal.Clock).DefaultIfEmpty(0).Max();
            if (told == 0) { continue; }
            Assert.DoesNotContain(version.Values[..Block], v => v != version.Values[0]);
            if (version.Values[0] < told) { stale++; }     // of each clock, 1
            else { held++; }
        }

        return held;
    }

    private static (string Site, long Sequence) Answered(SiteSignal signal)
    {
        Assert.Equal((SiteSignalKind.Heard, "a"), (signal.Kind, signal.Recipient));
        return (signal.Clocks[0].Site, signal.Clocks[0].Sequence);
    }

    private static (long Sequence, long Clock) Numbers(WeightDelta update) => (update.Sequence, update.BaseVersion);

    private static SiteSignal Pending(string site, long clock, params int[] keys) => new()
    {
        Site = site,
        Kind = SiteSignalKind.Pending,
        SchemaHash = Small.Plan.SchemaHash,
        Clock = clock,
        Keys = [.. keys],
    };

    private static SiteSignal Heard(string site, long sequence) => new()
    {
        Site = site,
        Kind = SiteSignalKind.Heard,
        SchemaHash = Small.Plan.SchemaHash,
        Recipient = "probe",
        Clocks = [new("probe", 1, sequence, sequence)],
    };

    private static WeightDelta Update(string site, long clock, params float[] change) => SiteMessages.Update(Small, site, clock, change);
    private static OperatorProbe Probe(ReplicatedModelOptions options) => SiteMessages.Probe(Small, options);
}
