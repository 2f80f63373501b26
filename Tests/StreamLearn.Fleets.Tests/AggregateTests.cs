namespace StreamLearn.Fleets.Tests;

public sealed class AggregateTests
{
    private static readonly FedBuff Each = new(1);

    public static TheoryData<string, WeightDelta> Refused() => new()
    {
        { "schema", Updates.Of("d", 9, 1) with { SchemaHash = 5 } },
        { "shape", Updates.Of("d", 9, 1) with { Values = [1, 2] } },
        { "shape", Updates.Of("d", 9, 1) with { Moments = new(2, [1, 1], [1, 1]) } },
        { "non-finite", Updates.Of("d", 9, float.NaN) }, { "non-finite", Updates.Of("d", 9, float.NegativeInfinity) },
        { "non-finite", Updates.Of("d", 9, 1) with { Moments = new(2, [double.NaN], [1]) } },
        { "version", Updates.Of("d", 9, 1, baseVersion: 2) }, { "version", Updates.Of("d", 9, 1, baseVersion: -1) },
        { "norm", Updates.Of("d", 9, 3) }, { "duplicate", Updates.Of("d", 1, 1) },
        { "fenced", Updates.Of("d", 9, 1) with { Epoch = 0 } }, { "empty", Updates.Of("d", 9, 0, samples: 0) },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_bad_update_changes_nothing_and_is_counted_by_reason(string reason, WeightDelta update)
    {
        using var probe = Updates.Probe(Each, new() { MaxNorm = 5 });
        probe.Send(Updates.Of("d", 1, 1));
        Assert.Equal(1, probe.Count());
        probe.Send(update);
        Assert.Equal(1, probe.Count());
        Assert.Equal(new Dictionary<string, long> { [reason] = 1 }, new Dictionary<string, long>(probe.Metrics.Drops));
        Assert.Equal(1, probe.Metrics.Counter("updates-applied"));
    }

    [Fact]
    public void An_update_from_too_old_a_version_is_refused()
    {
        using var probe = Updates.Probe(Each, new() { MaxStaleness = 1 });
        probe.Send(Updates.Of("d", 1, 1), Updates.Of("d", 2, 1), Updates.Of("d", 3, 1));
        probe.Send(Updates.Of("d", 4, 1, baseVersion: 1));
        Assert.Equal(1, probe.Metrics.Drops["stale"]);
        Assert.Equal([1L, 2, 3], probe.TakeAll<Weights>().Select(w => w.Version));
    }

    [Fact]
    public void An_update_that_the_strategy_weighs_as_nothing_is_refused()
    {
        using var probe = Updates.Probe(new FedBuff(1).Rounds with { Weigh = new Weighing(0) });
        probe.Send(Updates.Of("d", 1, 1) with { Moments = new(2, [1], [1]) });
        probe.Complete();
        Assert.Equal(1, probe.Metrics.Drops["refused"]);
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void A_duplicate_is_applied_once()
    {
        using var probe = Updates.Probe(new FedBuff(2), new() { Averaging = Averaging.None });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("a", 1, 1));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("b", 1, 3), Updates.Of("b", 1, 3));
        probe.Complete();
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
        Assert.Equal(0, probe.Count());
        Assert.Equal(2, probe.Metrics.Drops["duplicate"]);
    }

    [Fact]
    public void Moments_of_the_fleet_are_merged_and_set_the_scale()
    {
        using var probe = Updates.Probe(new FedBuff(2));
        probe.Send(Updates.Of("a", 1, 1) with { Moments = new(2, [1], [2]) });      // rows 0, 2
        probe.Send(Updates.Of("b", 1, 1) with { Moments = new(2, [5], [2]) });      // rows 4, 6
        var version = probe.Take<Weights>();
        Assert.Equal((4L, 3.0, 20.0), (version.Scale!.Count, version.Scale.Mean[0], version.Scale.M2[0]));
        Assert.Equal(3f, version.Values[0]);
        Assert.Equal((float)(1 / Math.Sqrt((20.0 / 3) + 1e-8)), version.Values[1]);
        Assert.Same(version.Scale, probe.Take<Round>(port: 1).Averaged.Scale);
    }

    [Fact]
    public void The_model_in_use_is_a_moving_average_of_versions()
    {
        using var probe = Updates.Probe(Each, new() { Averaging = Averaging.Exponential(0.75f) });
        probe.Send(Updates.Of("d", 1, 1), Updates.Of("d", 2, 4, baseVersion: 1));
        Assert.All(Updates.Moved(probe.Take<Round>(port: 1).Averaged), moved => Assert.Equal(1, moved, 1e-6f));
        // 0.75 · 1 + 0.25 · 5
        Assert.All(Updates.Moved(probe.Take<Round>(port: 1).Averaged), moved => Assert.Equal(2, moved, 1e-6f));
        Assert.Equal([1L, 2], probe.TakeAll<Weights>().Select(w => w.Version));
    }

    [Fact]
    public void Without_averaging_the_version_is_in_use()
    {
        using var probe = Updates.Probe(Each, new() { Averaging = Averaging.None });
        probe.Send(Updates.Of("d", 1, 1));
        Assert.Same(probe.Take<Weights>(), probe.Take<Round>(port: 1).Averaged);
    }

    [Fact]
    public void A_deadline_ends_the_round_with_what_has_come()
    {
        using var probe = Updates.Probe(new FedBuff(3, Deadline: TimeSpan.FromSeconds(2)));
        probe.Send(Updates.Of("a", 1, 3));
        probe.Advance(TimeSpan.FromSeconds(1.5));
        probe.Send(Updates.Of("b", 1, 1));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromSeconds(0.5));
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));
        probe.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("a", 2, 1));          // the deadline has passed long ago
        Assert.Equal(2, probe.Take<Weights>().Version);
    }

    [Fact]
    public void At_the_end_what_has_come_makes_a_last_version()
    {
        using var probe = Updates.Probe(new FedBuff(10));
        probe.Complete();
        Assert.Equal(0, probe.Count());
        using var another = Updates.Probe(new FedBuff(10));
        another.Send(Updates.Of("a", 1, 1));
        another.Complete();
        Assert.Equal(1, another.Take<Weights>().Version);
    }

    [Fact]
    public void Staleness_is_counted_in_versions()
    {
        using var probe = Updates.Probe(Each);
        for (var i = 1; i < 4; i++) { probe.Send(Updates.Of($"d{i}", 1, 1)); }
        probe.Send(Updates.Of("d1", 2, 1, baseVersion: 3));
        Assert.Equal((3.0, 2.0), (probe.Metrics.Gauges["staleness-sum"], probe.Metrics.Gauges["staleness-max"]));
        Assert.Equal((4L, 4L), (probe.Metrics.Counter("versions"), probe.Metrics.Counter("updates-applied")));
    }

    [Fact]
    public void Devices_beyond_the_limit_are_refused()
    {
        using var probe = Updates.Probe(Each, new() { MaxDevices = 1 });
        probe.Send(Updates.Of("a", 1, 1), Updates.Of("b", 1, 1));
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void A_device_that_is_not_invited_is_refused_until_it_is()
    {
        using var probe = Updates.Probe(new FedBuff(1).Rounds with { Select = new Inviting("a") });
        probe.Send(Updates.Of("a", 1, 1));          // nobody has been invited by name yet: everyone is
        Assert.Equal(["a"], probe.Take<Weights>().Invited!.Value);
        probe.Send(Updates.Of("b", 1, 1, baseVersion: 1));
        Assert.Equal(1, probe.Metrics.Drops["uninvited"]);
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void Devices_that_have_nothing_to_learn_do_not_narrow_the_bound_on_norms()
    {
        using var probe = Updates.Probe(new FedBuff(4));
        for (var round = 1; round <= 3; round++)
        {
            for (var device = 0; device < 8; device++)
            {
                probe.Send(Updates.Of($"d{device}", round, device % 4 == 0 ? 0.1f : 1e-6f, baseVersion: 2 * (round - 1)));
            }
        }
        Assert.Equal(6, probe.TakeAll<Weights>().Count);
        Assert.Equal(0, probe.Metrics.Drops.GetValueOrDefault("norm"));
    }

    [Fact]
    public void A_rule_that_streams_takes_updates_beyond_what_may_be_held()
    {
        using var probe = Updates.Probe(new FedBuff(4), new() { MaxHeldUpdates = 1 });
        for (var i = 1; i <= 4; i++) { probe.Send(Updates.Of("a", i, 1)); }
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1, moved, 1e-6f));
        Assert.Empty(probe.Metrics.Drops);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Averaging.Exponential(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Averaging.Polynomial(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Averaging.Polynomial(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Averaging.Polynomial(most: 1));
        Assert.Throws<ArgumentNullException>(() => Updates.Probe(Each, new() { Averaging = null! }));
        Assert.Throws<ArgumentNullException>(() => Updates.Probe(new FedBuff(1) { Staleness = null! }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Staleness.Polynomial(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { MaxNorm = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { MaxStaleness = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { MaxDevices = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { MaxHeldUpdates = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedBuff(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedBuff(1, float.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedBuff(1, Deadline: TimeSpan.Zero)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(new FedAvg(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { ClipNorm = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { Lease = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { Enroll = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(Each, new() { MaxDirectives = 0 }));
    }

    private sealed record Weighing(float Weight) : Weigh
    {
        public override float Of(in UpdateHeader update, in RoundView round) => Weight;
    }

    private sealed record Inviting(string Device) : Cohort
    {
        public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) => cohort.Add(new(Device));
    }
}
