namespace StreamLearn.Fleets.Tests;

/// <summary>Sites whose copies hold the changes of others in the order of clocks and names.</summary>
public sealed class OrderedSitesTests
{
    private const int Keys = 8;
    private const int Steps = 80;
    private const int Worlds = 40;
    private const int Crashes = 6;
    private static readonly LinearModel Model = new(Keys, new SquaredError(), bias: false);
    private static readonly LinearModel Small = new(1, new SquaredError(), bias: false);
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void The_changes_of_a_clock_are_added_by_name_once_all_of_it_are_there()
    {
        using var probe = Probe(new() { Others = 2, IsOrdered = true, MaxLead = 2 });
        probe.Send(Update("probe", 1, 1));
        Assert.Equal([1f], probe.Take<Weights>().Values);
        probe.Control(Update("b", 1, 1e8f), Update("b", 2, 1000));
        probe.Send(Update("probe", 2, 1));
        Assert.Empty(probe.TakeAll<Weights>());
        probe.Control(Update("a", 1, 3));
        Assert.Equal([5 + 1e8f], probe.Take<Weights>().Values);     // b first, and then a: 1e8
        Assert.NotEqual(5 + 1e8f, (2 + 1e8f) + 3);
    }

    [Fact]
    public void Beyond_what_it_holds_the_oldest_is_added_at_once_and_counted()
    {
        using var probe = Probe(new() { IsOrdered = true, MaxLead = 1, MaxHeld = 2 });
        for (var clock = 1; clock <= 3; clock++) { probe.Control(Update("a", clock, clock)); }
        Assert.Equal(1, probe.Metrics.Counter("updates-early"));
        probe.Send(Update("probe", 1, 10));
        Assert.Equal([11f], probe.Take<Weights>().Values);
        probe.Send(Update("probe", 2, 10));
        Assert.Equal([23f], probe.Take<Weights>().Values);
    }

    [Fact]
    public void However_long_messages_take_the_bits_are_the_same()
    {
        var expected = Run(seed: null, speed: 0, out _);
        for (var speed = 1; speed <= 10; speed++) { Assert.Equal((speed, expected), (speed, Run(seed: null, speed, out _))); }
    }

    [Fact]
    public void Sites_that_crash_and_go_on_from_their_checkpoints_end_with_the_bits_of_undisturbed_ones()
    {
        var expected = Run(seed: null, speed: 0, out _);
        var crashes = 0;
        for (var seed = 0; seed < Worlds; seed++)
        {
            Assert.Equal((seed, expected), (seed, Run(seed, speed: 0, out var crashed)));
            crashes += crashed;
        }
        Assert.InRange(crashes, 3 * Worlds, int.MaxValue);
    }

    /// <summary>The hash of each version of each site; of one that is given again after a restart, that of the second time.</summary>
    private static string Run(int? seed, int speed, out int crashes)
    {
        var checkpoints = new DeviceCheckpoints
        {
            Every = TimeSpan.FromMilliseconds(50),
            HoldAtMost = TimeSpan.FromMilliseconds(2),
            SyncTime = TimeSpan.FromMilliseconds(1),
        };
        using var world = new SiteWorld(Model, checkpoints);
        var random = new RandomStream(speed, "speed");
        var sites = Names.Select(n => world.Add(Site(n, random))).ToList();
        var count = 0;
        if (seed is { } number) { Plan(world, sites, new(number, "crashes"), () => count++); }
        world.RunUntil(() => Names.All(n => world.Versions.Exists(v => v.Site == n && v.Version.Version == Steps)));
        crashes = count;
        foreach (var name in Names) { Assert.Equal(0, world.Metrics(name).Counter("updates-early")); }
        var versions = new SortedDictionary<(string, long), string>();
        foreach (var (site, _, version) in world.Versions)
        {
            var hash = version.Sha256();
            if (!versions.TryAdd((site, version.Version), hash)) { Assert.Equal(versions[(site, version.Version)], hash); }
        }

        Assert.Equal(Names.Length * Steps, versions.Count);
        return string.Join(' ', versions.Values);
    }

    private static void Plan(SiteWorld world, List<VirtualDevice> sites, RandomStream random, Action crashed)
    {
        for (var i = 0; i < Crashes; i++)
        {
            var (who, at, away) = (random.NextInt32(Names.Length), 800 * random.NextDouble(), 300 * random.NextDouble());
            world.World.At(TimeSpan.FromMilliseconds(at), () =>
            {
                if (sites[who] is not { EndedAt: null } device) { return; }
                crashed();
                var from = device.LastCheckpoint;
                device.Crash();
                world.World.At(TimeSpan.FromMilliseconds(at + away), () => sites[who] = world.Restart(device, from));
            });
        }
    }

    /// <summary>Each pulls the copy to a point of its own, so that the order of sums shows.</summary>
    private static SiteSettings Site(string name, RandomStream random) => new(name,
        new(name, Steps, 5_000 + random.NextInt32(10_000), (step, values) => Pull(new(1, name, $"{step}"), values)),
        new() { Others = 2, IsOrdered = true, MaxLead = 2, Keep = new() { Threshold = new ShrinkingThreshold(0.5f) } })
    {
        All = Names,
        Link = new() { Delay = TimeSpan.FromMilliseconds(1 + random.NextInt32(20)) },
    };

    private static float[] Pull(RandomStream random, ImmutableArray<float> values) =>
        [.. values.Select(v => (float)(0.1 * (random.NextGaussian() - v)))];

    private static WeightDelta Update(string site, long clock, float change) => SiteMessages.Update(Small, site, clock, change);

    private static OperatorProbe Probe(ReplicatedModelOptions options) => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.Replicate(Small, p.Input<WeightDelta>("others"), options)));
}
