namespace StreamLearn.Fleets.Tests;

/// <summary>A site of several workers.</summary>
public sealed class SiteWorkersTests
{
    private static readonly LinearModel Model = new(2, new SquaredError(), bias: false);
    private static readonly KeepSignificantOptions All = new() { Threshold = new ConstantThreshold(0) };
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly ReplicatedModelOptions Three = new() { Workers = 3, MaxLead = 100, Keep = All, Epoch = 5, Lease = Lease };
    public static TheoryData<bool> Orders { get; } = new(false, true);

    [Theory, MemberData(nameof(Orders))]
    public void Bulk_synchronous_workers_are_one_learner_that_gets_the_sum_of_what_they_learn(bool isOrdered)
    {
        var (random, keep) = (new RandomStream(1, "learned"), new KeepSignificantOptions { Threshold = new ShrinkingThreshold(0.5f) });
        using var several = Probe(Three with { IsOrdered = isOrdered, Keep = keep, MaxHeld = 200 });
        using var one = Probe(new() { MaxLead = 100, Keep = keep, Lease = Lease });
        for (var clock = 1; clock <= 60; clock++)
        {
            var sum = new float[2];
            foreach (var at in Order(random))
            {
                float[] change = [Sixteenths(random), Sixteenths(random)];
                (sum[0], sum[1]) = (sum[0] + change[0], sum[1] + change[1]);
                Assert.Equal(0, several.Count());
                several.Send(Update(Names[at], clock, change));
            }

            one.Send(Update("probe", clock, sum));
            var (expected, versions) = (one.Take<Weights>(), several.TakeAll<Weights>());
            Assert.Equal(Names, versions.Select(static v => v.Recipient));
            Assert.All(versions, v => Assert.Equal((expected.Version, 5), (v.Version, v.Epoch)));
            Assert.All(versions, v => Assert.Equal(expected.Values, v.Values));
            var (told, alone) = (several.Take<WeightDelta>(1), one.Take<WeightDelta>(1));
            Assert.Equal(("probe", 5, clock, (long)clock, 96), (told.Device, told.Epoch, told.Sequence, told.BaseVersion, told.Samples));
            Assert.Equal(alone.Values, told.Values);
        }

        Assert.Equal(one.Metrics.Counter("changes-sent"), several.Metrics.Counter("changes-sent"));
        Assert.InRange(several.Metrics.Counter("changes-sent"), 20, 110);
    }

    [Fact]
    public void With_slack_a_worker_goes_on_until_it_is_so_far_ahead_and_the_others_are_told_by_the_slowest()
    {
        using var probe = Probe(Three with { Slack = 2 });
        probe.Send(Update("b", 1, 0, 1), Update("c", 1, 0, 1));
        for (var clock = 1; clock <= 4; clock++) { probe.Send(Update("a", clock, 1, 0)); }
        Assert.Equal(["b:0 1", "c:0 2", "a:1 2", "a:2 2", "a:3 2"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal(3, probe.Metrics.Gauges["worker-lead"]);
        Assert.Equal(["1:1 2"], probe.TakeAll<WeightDelta>(1).Select(Shown));
        probe.Send(Update("b", 2, 0, 1), Update("c", 2, 0, 1));
        Assert.Equal(["b:4 3", "a:4 4", "c:4 4"], probe.TakeAll<Weights>().Select(Shown));
        Assert.Equal(["2:3 2"], probe.TakeAll<WeightDelta>(1).Select(Shown));
    }

    [Fact]
    public void In_order_the_updates_of_a_clock_are_added_by_name_however_they_come()
    {
        using var probe = Probe(Three with { IsOrdered = true, MaxHeld = 200 });
        probe.Send(Update("c", 1, 3, 0), Update("b", 1, 3, 0), Update("a", 1, 1e8f, 0));
        Assert.Equal((1e8f + 3) + 3, probe.TakeAll<Weights>()[0].Values[0]);
        Assert.Equal((1e8f + 3) + 3, probe.Take<WeightDelta>(1).Values[0]);
        Assert.NotEqual((1e8f + 3) + 3, (3f + 3) + 1e8f);
    }

    [Fact]
    public void A_site_of_workers_waits_for_the_slowest_other_site_and_all_of_them_go_on_at_once()
    {
        using var probe = Probe(Three with { MaxLead = 1 });
        SendAll(probe, 1);
        Assert.Equal(0, probe.Count());
        Assert.Equal(1, probe.Metrics.Gauges["lead"]);
        probe.Control(Update("other", 1, 0, 7));
        Assert.Equal(["a:3 7", "b:3 7", "c:3 7"], probe.TakeAll<Weights>().Select(Shown));
    }

    [Fact]
    public void What_comes_twice_or_from_more_workers_than_there_are_is_dropped_and_counts_once()
    {
        using var probe = Probe(Three);
        SendAll(probe, 1);
        probe.Send(Update("a", 1, 1, 0), Update("d", 1, 1, 0), Update("b", 2, 1, 0) with { Epoch = 0 });
        probe.Send(Update("b", 2, 1, 0) with { Moments = new(1, [0], [0]) });
        Assert.Equal([("duplicate", 2), ("schema", 1), ("unknown-worker", 1L)],
            probe.Metrics.Drops.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(static d => (d.Key, d.Value)));
        Assert.Equal(3, probe.TakeAll<Weights>().Count);
        SendAll(probe, 2);
        Assert.Equal("a:6 0", Shown(probe.Take<Weights>()));
        Assert.Equal(["1:3 0", "2:3 0"], probe.TakeAll<WeightDelta>(1).Select(Shown));
    }

    [Fact]
    public void The_others_are_told_a_clock_of_which_they_know_all_changes_already()
    {
        using var probe = Probe(Three with { Workers = 2, Slack = 3 });
        SendAll(probe, 1, "a", "b");
        for (var clock = 2; clock <= 4; clock++) { probe.Send(Update("a", clock, 1, 0)); }
        probe.Send(Update("b", 2, 1, 0));
        Assert.Equal(["1:2 0", "2:4 0"], probe.TakeAll<WeightDelta>(1).Select(Shown));
        probe.Advance(TimeSpan.FromSeconds(1));
        probe.Send(Update("a", 5, 0, 0) with { Steps = 0 });        // it is there; b is not
        probe.Advance(Lease - TimeSpan.FromSeconds(1));
        var told = probe.Take<WeightDelta>(1);
        Assert.Equal("4:0 0", Shown(told));
        Assert.Equal((false, 0), (told.Leaving, told.Steps));
    }

    [Fact]
    public void Beyond_what_it_holds_of_a_worker_the_oldest_is_added_at_once_and_counted()
    {
        using var probe = Probe(Three with { IsOrdered = true, MaxLead = 1, MaxHeld = 2 });
        for (var clock = 1; clock <= 3; clock++) { probe.Send(Update("c", clock, clock, 0)); }
        Assert.Equal(1, probe.Metrics.Counter("updates-early"));
        SendAll(probe, 1, "a", "b");
        Assert.Equal("1:3 0", Shown(probe.Take<WeightDelta>(1)));
    }

    [Fact]
    public void AT_3c_What_workers_have_learned_is_what_the_others_were_told_and_what_waits()
    {
        var random = new RandomStream(1, "learned");
        using var probe = Probe(Three with { Slack = 4, Keep = new() { Threshold = new ShrinkingThreshold(0.3f) } });
        var (learned, told, clocks) = (new double[2], new double[2], new int[3]);
        for (var step = 0; step < 600 || clocks.Min() < 100; step++)
        {
            var at = random.NextInt32(3);
            if (clocks[at] == 100 || clocks[at] > clocks.Min() + 4) { continue; }
            float[] change = [(float)(0.05 * random.NextGaussian()), (float)(0.05 * random.NextGaussian())];
            probe.Send(Update(Names[at], ++clocks[at], change) with { Leaving = clocks[at] == 100 });
            for (var i = 0; i < 2; i++) { learned[i] += change[i]; }
            foreach (var update in probe.TakeAll<WeightDelta>(1))
            {
                for (var i = 0; i < 2; i++) { told[i] += update.Values[i]; }
            }
        }

        for (var i = 0; i < 2; i++) { Assert.Equal(learned[i], told[i], 1e-4); }
        Assert.InRange(probe.Metrics.Counter("changes-sent"), 20, 160);
    }

    [Fact]
    public void The_site_has_a_start_of_its_own_which_does_not_change_with_its_workers()
    {
        using var set = Probe(new() { Epoch = 9 });
        set.Send(Update("a", 1, 1, 0));
        Assert.Equal(9, set.Take<WeightDelta>(1).Epoch);
        using var several = Probe(Three with { Epoch = null, Workers = 2 });
        SendAll(several, 1, "a", "b");
        Assert.Equal(OperatorProbe.Start.ToUnixTimeMilliseconds(), several.Take<WeightDelta>(1).Epoch);
        Assert.Equal(OperatorProbe.Start.ToUnixTimeMilliseconds(), several.Take<Weights>().Epoch);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Workers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Slack = -1 }));
        Assert.Throws<ArgumentException>(() => Probe(Three with { Slack = 1, IsOrdered = true, MaxHeld = 200 }));
        Assert.Contains("3 workers, slack 1", (Three with { Slack = 1 }).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("worker", (Three with { Workers = 1 }).ToString(), StringComparison.Ordinal);
    }

    private static void SendAll(OperatorProbe probe, long clock, params string[] workers)
    {
        foreach (var worker in workers.Length == 0 ? Names : workers) { probe.Send(Update(worker, clock, 1, 0)); }
    }

    private static IEnumerable<int> Order(RandomStream random)
    {
        var (first, second) = (random.NextInt32(3), random.NextInt32(2));
        var rest = Enumerable.Range(0, 3).Where(i => i != first).ToList();
        return [first, rest[second], rest[1 - second]];
    }

    private static float Sixteenths(RandomStream random) => (random.NextInt32(33) - 16) / 16f;
    private static string Shown(Weights version) => $"{version.Recipient}:{string.Join(' ', version.Values)}";
    private static string Shown(WeightDelta update) => $"{update.BaseVersion}:{string.Join(' ', update.Values)}";

    private static WeightDelta Update(string worker, long clock, params float[] change) =>
        SiteMessages.Update(Model, worker, clock, change);

    private static OperatorProbe Probe(ReplicatedModelOptions options) => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.Replicate(Model, p.Input<WeightDelta>("others"), options)));
}
