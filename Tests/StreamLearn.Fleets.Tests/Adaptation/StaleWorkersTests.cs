namespace StreamLearn.Fleets.Tests;

/// <summary>Workers of sites in virtual time: how far they are ahead of each other, what they read, what crashes leave.</summary>
public sealed class StaleWorkersTests
{
    private const int Workers = 3;
    private const int Lead = 3;
    private static readonly string[] Names = ["north", "south"];
    private static readonly LinearModel Model = new(Names.Length * Workers, new SquaredError(), bias: false);
    private static readonly KeepSignificantOptions All = new() { Threshold = new ConstantThreshold(0) };

    private static readonly DeviceCheckpoints Checkpoints = new()
    {
        Every = TimeSpan.FromMilliseconds(50),
        HoldAtMost = TimeSpan.FromMilliseconds(2),
        SyncTime = TimeSpan.FromMilliseconds(1),
    };

    public static TheoryData<int> Slacks { get; } = new(0, 1, 3);

    /// <summary>Each worker adds 1 to a place of its own, so that a copy says which updates it holds.</summary>
    [Theory, MemberData(nameof(Slacks))]
    public void No_worker_begins_a_step_further_ahead_than_the_slack_and_each_reads_its_own_steps_and_those_of_the_others(int slack)
    {
        const int Steps = 40;
        var furthest = 0L;
        for (var seed = 0; seed < 5; seed++)
        {
            using var world = new SiteWorld(Model);
            var random = new RandomStream(seed, "speeds");
            foreach (var name in Names)
            {
                world.Add(Site(name, new() { Workers = Workers, Slack = slack, MaxLead = Lead, Keep = All }, isApart: true));
                for (var worker = 0; worker < Workers; worker++)
                {
                    var (place, work) = (Place(name, worker), 5_000 + random.NextInt32(30_000));
                    world.AddWorker(name, new($"{name}-{worker}", Steps, work, (step, read) => Step(place, step, read)));
                }
            }

            world.RunUntil(() => Names.All(n => world.Updates.Exists(u => u.Update.Device == n && u.Update.Leaving)));
            Assert.Equal(Enumerable.Repeat((double)Steps, Model.Plan.Values), world.Told);
        }

        Assert.Equal(slack, furthest);

        float[] Step(int place, long step, ImmutableArray<float> read)
        {
            var clock = step - 1;
            Assert.Equal(clock, read[place]);
            for (var other = 0; other < read.Length; other++)
            {
                var isOfSite = other / Workers == place / Workers;
                if (isOfSite) { furthest = Math.Max(furthest, clock - (long)read[other]); }
                Assert.InRange(read[other], clock - slack - (isOfSite ? 0 : Lead - 1), Steps);
            }

            var change = new float[read.Length];
            change[place] = 1;
            return change;
        }
    }

    [Fact]
    public void Beside_a_slow_worker_the_others_make_more_steps_with_slack_until_it_is_used_up()
    {
        Assert.Equal((1, 4L), (StepsOfFast(slack: 0, until: 95), StepsOfFast(slack: 3, until: 95)));
        Assert.Equal((11, 14L), (StepsOfFast(slack: 0, until: 1095), StepsOfFast(slack: 3, until: 1095)));

        static long StepsOfFast(int slack, int until)
        {
            using var world = new SiteWorld(Model);
            var made = 0L;
            world.Add(Site("north", new() { Workers = 2, Slack = slack, MaxLead = 1000, Keep = All }, isApart: true));
            world.AddWorker("north", new("north-fast", 1000, 10_000, (step, read) =>
            {
                made = step;
                return new float[read.Length];
            }));
            world.AddWorker("north", new("north-slow", 1000, 100_000, static (_, read) => new float[read.Length]));
            world.RunUntil(() => world.World.Elapsed >= TimeSpan.FromMilliseconds(until));
            return made;
        }
    }

    [Fact]
    public void In_order_sites_that_crash_with_their_workers_end_with_the_bits_of_undisturbed_ones()
    {
        const int Steps = 60;
        var crashes = 0;
        var expected = Run(seed: null);
        for (var seed = 0; seed < 8; seed++) { Assert.Equal((seed, expected), (seed, Run(seed))); }
        Assert.InRange(crashes, 16, int.MaxValue);

        string Run(int? seed)
        {
            using var world = new SiteWorld(Model, Checkpoints);
            var keep = new KeepSignificantOptions { Threshold = new ShrinkingThreshold(0.5f) };
            var options = new ReplicatedModelOptions { Workers = Workers, MaxLead = 2, IsOrdered = true, Keep = keep };
            var sites = Names.Select(n => world.Add(Site(n, options, isApart: false) with
            {
                Workers = [.. Enumerable.Range(0, Workers).Select(w => Pulling(n, w, Steps))],
            })).ToList();
            if (seed is { } number) { Plan(world, sites, new(number, "crashes"), () => crashes++); }
            world.RunUntil(() => Names.All(n => world.Versions.Exists(v => v.Site == n && v.Version.Version == Steps - 1)));
            var versions = new SortedDictionary<(string, long, string), string>();
            foreach (var (site, _, version) in world.Versions)
            {
                if (version.Version >= Steps) { continue; }
                var (key, hash) = ((site, version.Version, version.Recipient!), version.Sha256());
                if (!versions.TryAdd(key, hash)) { Assert.Equal(versions[key], hash); }
            }

            Assert.Equal(Names.Length * Workers * (Steps - 1), versions.Count);
            return string.Join(' ', versions.Values);
        }
    }

    /// <summary>All changes are sixteenths, so that every sum is exact, in any order.</summary>
    [Theory, MemberData(nameof(Slacks))]
    public void AT_3c_Across_crashes_of_sites_and_workers_nothing_is_lost_and_nothing_counts_twice(int slack)
    {
        const int Steps = 40;
        var crashes = 0;
        for (var seed = 0; seed < 5; seed++)
        {
            using var world = new SiteWorld(Model, Checkpoints);
            var devices = new List<VirtualDevice>();
            var sum = new double[Model.Plan.Values];
            foreach (var name in Names)
            {
                devices.Add(world.Add(Site(name, new() { Workers = Workers, Slack = slack }, isApart: true)));
                for (var worker = 0; worker < Workers; worker++)
                {
                    var (who, work) = ($"{name}-{worker}", 5_000 + (3_000 * worker));
                    devices.Add(world.AddWorker(name, new(who, Steps, work, (step, _) => Sixteenths(new(1, who, $"{step}")))));
                    for (var step = 1; step <= Steps; step++)
                    {
                        foreach (var (place, change) in Sixteenths(new(1, who, $"{step}")).Index()) { sum[place] += change; }
                    }
                }
            }

            Plan(world, devices, new(seed, "crashes"), () => crashes++);
            world.RunUntil(() => Names.All(n => world.Updates.Exists(u => u.Update.Device == n && u.Update.Leaving)));

            foreach (var heard in world.Updates.GroupBy(static u => (u.Update.Device, u.Update.Sequence)))
            {
                foreach (var (place, change) in heard.First().Update.Values.Index()) { sum[place] -= change; }
            }

            Assert.Equal((seed, Shown(new double[sum.Length])), (seed, Shown(sum)));
        }

        Assert.InRange(crashes, 15, int.MaxValue);
    }

    [Theory, MemberData(nameof(Slacks))]
    public void AT_3c_A_site_of_workers_joins_while_the_other_runs_and_nothing_is_lost_and_nothing_counts_twice(int slack)
    {
        var dropped = 0L;
        for (var seed = 0; seed < 10; seed++)
        {
            using var world = new SiteWorld(Model);
            var random = new RandomStream(seed, "join");
            var options = new ReplicatedModelOptions { Workers = Workers, Slack = slack, AskEvery = TimeSpan.FromMilliseconds(20) };
            world.Add(Site("north", options with { Joiners = 1, Lease = TimeSpan.FromMilliseconds(100) }, isApart: true));
            AddWorkers(world, "north", steps: 60, random);
            var late = Site("south", options with { Joins = true }, isApart: true);
            world.World.At(TimeSpan.FromMilliseconds(100 + (200 * random.NextDouble())), () =>
            {
                world.Add(late);
                AddWorkers(world, "south", steps: 90, random);
            });
            world.RunUntil(() => world.Updates.Exists(static u => u.Update is { Device: "south", Leaving: true }));

            var last = world.Last("south");
            Assert.Null(last.Recipient);
            Assert.Equal((seed, Shown(world.Told)), (seed, Shown(last.Values.Select(static v => (double)v))));
            Assert.InRange(world.Versions.First(static v => v.Site == "south").Version.Version, 2, 60);
            dropped += world.Metrics("south").Drops.GetValueOrDefault("joining");
        }

        Assert.InRange(dropped, 5, 10 * Workers);
    }

    private static void AddWorkers(SiteWorld world, string site, long steps, RandomStream random)
    {
        for (var worker = 0; worker < Workers; worker++)
        {
            var (who, work) = ($"{site}-{worker}", 5_000 + random.NextInt32(10_000));
            world.AddWorker(site, new(who, steps, work, (step, _) => Sixteenths(new(1, who, $"{step}"))));
        }
    }

    private static int Place(string site, int worker) => (Array.IndexOf(Names, site) * Workers) + worker;

    private static SiteSettings Site(string name, ReplicatedModelOptions options, bool isApart) =>
        new(name, new(name, 0, 0, static (_, _) => []), options)
        {
            All = Names,
            AreApart = isApart,
            Link = new() { Delay = TimeSpan.FromMilliseconds(3) },
        };

    /// <summary>Each pulls the copy to a point of its own, so that the order of sums shows.</summary>
    private static SiteSteps Pulling(string site, int worker, long steps) => new($"{site}-{worker}", steps, 2_000 + (1_000 * worker),
        (step, values) =>
        {
            var random = new RandomStream(1, $"{site}-{worker}", $"{step}");
            return [.. values.Select(v => (float)(0.1 * (random.NextGaussian() - v)))];
        });

    private static void Plan(SiteWorld world, List<VirtualDevice> devices, RandomStream random, Action crashed)
    {
        for (var i = 0; i < 6; i++)
        {
            var (who, at, away) = (random.NextInt32(devices.Count), 500 * random.NextDouble(), 200 * random.NextDouble());
            world.World.At(TimeSpan.FromMilliseconds(at), () =>
            {
                if (devices[who] is not { EndedAt: null } device) { return; }
                crashed();
                var from = device.LastCheckpoint;
                device.Crash();
                world.World.At(TimeSpan.FromMilliseconds(at + away), () => devices[who] = world.Restart(device, from));
            });
        }
    }

    private static float[] Sixteenths(RandomStream random) =>
        [.. Enumerable.Range(0, Model.Plan.Values).Select(_ => (random.NextInt32(33) - 16) / 16f)];

    private static string Shown(IEnumerable<double> values) => string.Join(' ', values);
}
