namespace StreamLearn.Fleets.Tests;

/// <summary>Updates that mean harm: applied none, counted all, and the fleet goes on.</summary>
public sealed class AttackTests
{
    private const int Rounds = 12;
    private static readonly string[] Honest = ["a", "b", "c", "d"];
    private static readonly AggregateOptions Plain = new() { Averaging = Averaging.None };

    public static TheoryData<string, Strategy> Attacks()
    {
        var data = new TheoryData<string, Strategy>();
        Strategy[] strategies = [new FedAvg(4), new FedBuff(4), new FedAsync(4), new FedTrimmedMean(4), new FedAdam(4)];
        foreach (var attack in Forms.Keys)
        {
            // those that do not weigh by samples take an update of none
            foreach (var strategy in strategies.Where(s => attack != "of no samples" || s is FedAvg)) { data.Add(attack, strategy); }
        }
        return data;
    }

    /// <summary>What a device that means harm makes of its update in round r, and the reason for which it is to be refused.</summary>
    private static IReadOnlyDictionary<string, (string Reason, Func<WeightDelta, int, WeightDelta> Make)> Forms { get; } =
        new Dictionary<string, (string, Func<WeightDelta, int, WeightDelta>)>
        {
            ["not a number"] = ("non-finite", (u, _) => u with { Values = [0, 0, 1, float.NaN, 1, 1] }),
            ["infinite"] = ("non-finite", (u, _) => u with { Values = [0, 0, 1, float.PositiveInfinity, 1, 1] }),
            ["too short"] = ("shape", (u, _) => u with { Values = [1, 2, 3] }),
            ["empty"] = ("shape", (u, _) => u with { Values = [] }),
            ["another schema"] = ("schema", (u, _) => u with { SchemaHash = 99 }),
            ["moments of other channels"] = ("shape", (u, _) => u with { Moments = new(5, [0, 0], [1, 1]) }),
            ["moments that are not numbers"] = ("non-finite", (u, _) => u with { Moments = new(5, [double.NaN], [1]) }),
            ["moments of more rows than there are"] = ("non-finite", (u, _) => u with { Moments = new(long.MaxValue, [0], [1]) }),
            ["moments beyond float32"] = ("non-finite", (u, _) => u with { Moments = new(5, [1e300], [1]) }),
            ["moments that no rows have"] = ("non-finite", (u, _) => u with { Moments = new(5, [0], [-1]) }),
            ["huge"] = ("norm", (u, _) => u with { Values = [0, 0, 1e30f, 0, 0, 0] }),
            ["huge, of many steps"] = ("norm", (u, _) => u with { Values = [0, 0, 1e30f, 0, 0, 0], Steps = int.MaxValue }),
            ["replayed"] = ("duplicate", (u, _) => u with { Device = "a", Sequence = 1, BaseVersion = 0 }),
            ["under a number of another"] = ("number-twice", (u, _) => u with { Device = "a", Sequence = 1, BaseVersion = 0, Loss = 9 }),
            ["of an earlier start"] = ("fenced", (u, _) => u with { Device = "a", Epoch = 0 }),
            ["stale"] = ("stale", (u, r) => r < 4 ? u with { BaseVersion = 99 } : u with { BaseVersion = 0 }),
            ["from the future"] = ("version", (u, _) => u with { BaseVersion = u.BaseVersion + 2 }),
            ["from before the beginning"] = ("version", (u, _) => u with { BaseVersion = -1 }),
            ["of no steps and no rows"] = ("empty", (u, _) => u with { Steps = 0, Moments = null }),
            ["of no samples"] = ("no-samples", (u, _) => u with { Samples = 0 }),
        };

    [Theory, MemberData(nameof(Attacks))]
    public void An_attack_changes_no_bit_of_the_model_and_is_counted(string attack, Strategy strategy)
    {
        var (reason, make) = Forms[attack];
        var (clean, _) = Play(strategy, null);
        var (attacked, probe) = Play(strategy, make);
        using (probe)
        {
            Assert.Equal(clean, attacked);
            var refused = attack == "stale" ? Rounds - 4 : Rounds;
            Assert.Equal(refused, probe.Metrics.Drops[reason]);
            Assert.Equal(Rounds * Honest.Length, probe.Metrics.Counter("updates-applied"));
            var refusals = probe.TakeAll<Round>(port: 1).SelectMany(r => r.Refusals).ToList();
            Assert.Equal(attack == "replayed" ? 0 : refused, refusals.Count(r => r.Reason == reason));      // it was decided before
        }
    }

    [Theory, InlineData(1), InlineData(5), InlineData(20)]
    public void An_honest_fleet_whose_norms_vary_is_not_refused(int buffer)
    {
        // norms over more than a hundredfold: devices differ by nine, work by sixteen, training wears off, and every update is noisy
        using var probe = Updates.Probe(new FedBuff(buffer));
        var random = new RandomStream(4, "honest");
        var size = Enumerable.Range(0, 20).Select(_ => Math.Pow(3, random.NextDouble(-1, 1))).ToArray();
        var version = 0L;
        for (var i = 0; i < 4000; i++)
        {
            var (device, steps) = (random.NextInt32(20), 1 + random.NextInt32(16));
            var norm = size[device] * steps / 8 * Math.Exp((0.3 * random.NextGaussian()) - (i / 2000.0));
            version += probe.Made(Updates.Of($"d{device}", i + 1, (float)norm, version) with { Steps = steps });
        }

        Assert.Empty(probe.Metrics.Drops);
    }

    [Fact]
    public void Updates_that_waited_for_a_link_and_were_added_up_are_not_refused()
    {
        using var probe = Updates.Probe(new FedBuff(4));
        for (var round = 1; round <= 10; round++)
        {
            foreach (var device in Honest) { probe.Send(Updates.Of(device, round, 1, baseVersion: round - 1)); }
            probe.Advance(TimeSpan.FromSeconds(1));
        }
        probe.Advance(TimeSpan.FromSeconds(30));
        probe.Send(Updates.Of("a", 11, 30, baseVersion: 10) with { Steps = 4 * 30 });       // thirty at once
        Assert.Empty(probe.Metrics.Drops);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void One_device_or_two_are_not_refused_for_being_unlike_their_own_updates_before(int devices)
    {
        using var probe = Updates.Probe(new FedBuff(1));
        var version = 0L;
        for (var i = 1; i <= 200; i++)
        {
            // a model that has settled learns little from most rows, and much from a rare class
            version += probe.Made(Updates.Of($"d{i % devices}", i, i % 50 == 0 ? 5 : 0.01f, version));
        }
        Assert.Empty(probe.Metrics.Drops);
    }

    [Fact]
    public void A_fleet_that_begins_to_take_greater_steps_is_refused_once_at_most()
    {
        using var probe = Updates.Probe(new FedAvg(4));
        for (var round = 1; round <= 30; round++)
        {
            foreach (var device in Honest) { probe.Send(Updates.Of(device, round, round <= 15 ? 0.1f : 5, baseVersion: round - 1)); }
        }
        Assert.Equal(4, probe.Metrics.Drops["norm"]);
        Assert.Equal(30, probe.TakeAll<Weights>().Count);
    }

    [Fact]
    public void A_fleet_that_begins_to_take_greater_steps_goes_on_where_rounds_wait_for_updates()
    {
        foreach (var strategy in new Strategy[] { new FedBuff(4), new FedBuff(1), new FedAsync(4) })
        {
            using var probe = Updates.Probe(strategy);
            var version = 0L;
            for (var sent = 1; sent <= 30; sent++)
            {
                foreach (var device in Honest) { version += probe.Made(Updates.Of(device, sent, sent <= 15 ? 0.1f : 5, version)); }
            }
            Assert.InRange(probe.Metrics.Drops["norm"], 1, 8);
        }
    }

    [Fact]
    public void A_fleet_of_which_every_first_update_is_too_large_goes_on()
    {
        using var probe = Updates.Probe(new FedBuff(4));
        for (var sent = 1; sent <= 10; sent++)
        {
            foreach (var device in Honest) { probe.Send(Updates.Of(device, sent, 1000)); }
        }
        Assert.Equal(3, probe.Metrics.Drops["norm"]);       // three tell what is ordinary
        Assert.NotEmpty(probe.TakeAll<Weights>());
    }

    [Theory, InlineData(1), InlineData(4)]
    public void An_attacker_cannot_drag_the_bound_on_norms(int buffer)
    {
        using var probe = Updates.Probe(new FedBuff(buffer), new() { Averaging = Averaging.None });
        var (norm, sequence, greatest, version) = (1f, 0, 0f, 0L);
        for (var round = 1; round <= 40; round++)
        {
            foreach (var device in Honest) { version += probe.Made(Updates.Of(device, round, 1, version)); }
            for (var i = 0; i < 25; i++)        // grows as long as it is taken, and begins anew when it is not
            {
                var before = probe.Metrics.Drops.GetValueOrDefault("norm");
                version += probe.Made(Updates.Of("x", ++sequence, norm, version) with { Steps = 1_000_000 });
                if (probe.Metrics.Drops.GetValueOrDefault("norm") == before) { (greatest, norm) = (Math.Max(greatest, norm), norm * 3); }
                else { norm = 1; }
            }
        }

        Assert.InRange(greatest, 1, 100);       // ten norms, and ten times that for the steps it claims
        Assert.False(probe.Metrics.Drops.Keys.Except(["norm", "quarantined"]).Any());
    }

    /// <summary>Fifteen names, against four devices: from the start, after ten rounds, and after updates as good as any.</summary>
    [Theory, InlineData(0, 0, 4), InlineData(10, 0, 4), InlineData(10, 0, 1000), InlineData(10, 3, 4)]
    public void Many_names_by_one_hand_do_not_outvote_the_fleet(int roundsBefore, int goodBefore, int steps)
    {
        using var probe = Updates.Probe(new FedBuff(4), Plain);
        var (version, sequence) = (0L, 0);
        void Round(float norm, int good)
        {
            sequence++;
            foreach (var device in Honest) { version += probe.Made(Updates.Of(device, sequence, 1, version)); }
            for (var name = 0; norm > 0 && name < 15; name++)
            {
                var update = Updates.Of($"x{name:00}", sequence, good > 0 ? 1 : norm, version) with { Steps = good > 0 ? 4 : steps };
                version += probe.Made(update);
            }
        }

        for (var round = 0; round < roundsBefore; round++) { Round(0, 0); }
        for (var round = 0; round < 12 + goodBefore; round++) { Round(4e7f, goodBefore - round); }

        var greatest = probe.TakeAll<Round>(port: 1).SelectMany(static r => r.Contributions).Max(static c => c.Norm);
        Assert.InRange(greatest, 2, 2);
        Assert.True(probe.Metrics.Counter("updates-applied") >= 4 * (roundsBefore + 12), $"{probe.Metrics}");
    }

    [Fact]
    public void The_names_of_one_owner_have_one_vote()
    {
        using var probe = Updates.Probe(new FedBuff(4), Plain with { OwnerOf = static name => name[..1] });
        var version = 0L;
        float Send(string device, long sequence, float value)
        {
            version += probe.Made(Updates.Of(device, sequence, value, version));
            return value;
        }

        for (var round = 1; round <= 30; round++)
        {
            foreach (var device in Honest) { Send(device, round, 1); }
            for (var name = 0; name < 15; name++) { Send($"x{name:00}", round, round < 12 ? 1 : 9 * (round - 11)); }
        }

        Assert.InRange(probe.TakeAll<Round>(port: 1).SelectMany(static r => r.Contributions).Max(static c => c.Norm), 2, 20);
    }

    [Fact]
    public void The_bound_rises_tenfold_at_once_at_most()
    {
        using var probe = Updates.Probe(new FedBuff(4), Plain);
        for (var sent = 1; sent <= 6; sent++)
        {
            foreach (var device in Honest) { probe.Send(Updates.Of(device, sent, sent <= 5 ? 1 : 90, Math.Min(sent, 6) - 1)); }
        }
        Assert.Equal(4, probe.Metrics.Drops["norm"]);
        probe.Send(Updates.Of("x", 1, 101, 5));         // norm 202, of 20 before
        Assert.Equal(5, probe.Metrics.Drops["norm"]);
        probe.Send(Updates.Of("a", 7, 99, 5));
        Assert.Equal(5, probe.Metrics.Drops["norm"]);
    }

    [Theory, InlineData(4, 90, true), InlineData(80, 90, true), InlineData(4, 1e7f, false)]
    public void A_fleet_is_followed_to_greater_steps_but_not_to_any(int devices, float value, bool isFollowed)
    {
        using var probe = Updates.Probe(new FedBuff(devices), Plain);
        var version = 0L;
        for (var sent = 1; sent <= 30; sent++)
        {
            for (var device = 0; device < devices; device++)
            {
                version += probe.Made(Updates.Of($"d{device:00}", sent, sent <= 6 ? 1 : value, version));
            }
        }

        Assert.Equal(isFollowed, probe.TakeAll<Round>(port: 1).Any(r => r.Contributions.Any(c => c.Norm > value)));
        if (isFollowed) { Assert.Equal(devices, probe.Metrics.Drops["norm"]); }        // once each
    }

    [Fact]
    public void An_attacker_that_comes_first_is_refused_too()
    {
        foreach (var strategy in new Strategy[] { new FedBuff(4), new FedAvg(4) })
        {
            using var probe = Updates.Probe(strategy);
            probe.Send(Updates.Of("x", 1, 20));
            foreach (var device in Honest.Take(3)) { probe.Send(Updates.Of(device, 1, 1)); }
            Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(1, moved, 1e-6f));
            Assert.Equal([new("x", 1, 1, "norm")], probe.Take<Round>(port: 1).Refusals);
        }
    }

    [Fact]
    public void Before_any_norm_is_known_a_huge_one_is_refused_by_that_of_the_initial_model()
    {
        using var probe = Updates.Probe(new FedAsync(4));
        probe.Send(Updates.Of("x", 1, 1000));
        Assert.Equal(1, probe.Metrics.Drops["norm"]);
        probe.Send(Updates.Of("a", 1, 1));
        Assert.Equal(1, probe.Count());
    }

    [Fact]
    public void Clipping_scales_long_updates_down_and_lets_short_ones_be()
    {
        foreach (var strategy in new Strategy[] { new FedBuff(2), new FedAvg(2), new FedMedian(2) })
        {
            using var probe = Updates.Probe(strategy, new() { ClipNorm = 2, MaxNorm = 1000 });
            probe.Send(Updates.Of("a", 1, 50));             // norm 100
            probe.Send(Updates.Of("b", 1, 0.5f));           // norm 1
            Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal((1 + 0.5f) / 2, moved, 1e-6f));
            Assert.Equal(1, probe.Metrics.Counter("updates-clipped"));
            Assert.Equal([100.0, 1.0], probe.Take<Round>(port: 1).Contributions.Select(c => c.Norm));
        }
    }

    /// <summary>Rounds of four honest devices, and of one that means harm, which is heard first.</summary>
    private static (ImmutableArray<float> Model, OperatorProbe Probe) Play(Strategy strategy, Func<WeightDelta, int, WeightDelta>? attack)
    {
        var probe = Updates.Probe(strategy, new() { MaxStaleness = strategy is FedAsync ? 12 : 3, Averaging = Averaging.None });
        var random = new RandomStream(8, "attack");
        Weights? last = null;
        for (var round = 0; round < Rounds; round++)
        {
            if (attack is not null && round > 0) { probe.Send(Attack(probe, attack, round, last!.Version)); }
            foreach (var device in Honest)
            {
                var update = Updates.Of(device, round + 1, (float)random.NextGaussian(), last?.Version ?? 0);
                probe.Send(update with { Moments = new(2, [1], [1]) });
                foreach (var version in probe.TakeAll<Weights>()) { last = version; }
            }
            if (attack is not null && round == 0) { probe.Send(Attack(probe, attack, round, last!.Version)); }
        }

        return (last!.Values, probe);
    }

    private static WeightDelta Attack(OperatorProbe probe, Func<WeightDelta, int, WeightDelta> attack, int round, long version) =>
        attack(Updates.Of("x", round + 1, 0.5f, version) with { Moments = new(2, [1], [1]) }, round);
}
