
namespace StreamLearn.Fleets.Tests;

/// <summary>What a device says of itself, and what the aggregator makes of it.</summary>
public sealed class TrustTests
{
    private const long Huge = long.MaxValue - 1;
    private static readonly string[] Honest = ["a", "b", "c", "d"];
    private static readonly AggregateOptions Plain = new() { Averaging = Averaging.None };

    public static TheoryData<long, long> Claims() => new()
    {
        { 0, Huge }, { Huge, 0 }, { Huge, Huge }, { 0, 1_000_000 }, { long.MaxValue, long.MaxValue }, { long.MinValue, 5 },
        { InMilliseconds(TimeSpan.FromDays(2)), 0 },
    };

    /// <summary>Each answer costs the fleet what an update does: announcements, copies and questions beyond those of an honest device get
    /// none.</summary>
    [Fact]
    public void What_brings_nothing_is_answered_64_times_in_a_second()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        for (var i = 1; i <= 300; i++) { probe.Send(Updates.Of("x", i, 1) with { Steps = 0, Moments = null }); }
        for (var i = 1; i <= 300; i++) { probe.Control(Say("x", PresenceKind.Waiting)); }
        probe.Advance(TimeSpan.FromMilliseconds(999));
        probe.Send(Updates.Of("x", 1, 1) with { IsResent = true }, Updates.Of("a", 1, 1));
        var answers = probe.Receipts();
        Assert.Equal(64, answers.Count(static a => a.StartsWith("x/", StringComparison.Ordinal)));
        Assert.Equal("a/1: 1 Held", answers[^1]);
        Assert.Equal(300 - 64 + 300 + 1, probe.Metrics.Drops["flood"]);
        probe.Advance(TimeSpan.FromMilliseconds(1));
        probe.Send(Updates.Of("x", 301, 1));
        Assert.Equal("x/1: 301 Held", probe.Receipts().Single());
    }

    [Theory, MemberData(nameof(Claims))]
    public void No_version_that_there_cannot_be_moves_anything(long epoch, long version)
    {
        using var probe = Probe(new FedBuff(4), Plain);
        Round(probe, 1, 0);
        probe.TakeAll<Round>(port: 1);
        probe.Control(Say("x", PresenceKind.Waiting, new(epoch, version)));
        probe.Send(Updates.Of("x", 1, 1, version) with { BaseEpoch = epoch, Held = new(epoch, version) });
        Round(probe, 2, 1);
        var round = probe.Take<Round>(port: 1);
        Assert.Equal((new ModelVersion(0, 2), 4), (round.Made.Id, round.Contributions.Length));
        Assert.Equal(0, probe.Metrics.Counter("overtaken") + probe.Metrics.Counter("versions-unknown"));
    }

    [Theory, InlineData(Huge, 0), InlineData(Huge / 2, 0), InlineData(0, Huge), InlineData(-1, 0)]
    public void No_version_that_a_server_has_kept_takes_the_numbers_that_are_left(long epoch, long version)
    {
        using var probe = Probe(new FedBuff(1), Plain with { Restore = TimeSpan.FromSeconds(3) });
        probe.Control(Updates.Model.Initial with { Epoch = epoch, Version = version });
        Assert.False(probe.Ready);
        Assert.Equal(1, probe.Metrics.Drops["version"]);
    }

    [Fact]
    public void A_start_is_taken_up_to_the_present_and_a_day()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        var day = InMilliseconds(TimeSpan.FromDays(1));
        probe.Control(Say("a", PresenceKind.Hello, epoch: day + 1), Say("a", PresenceKind.Hello, epoch: Huge));
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = Huge });
        Assert.Equal([$"a/{Huge}: 1 Refused-implausible-epoch"], probe.Receipts());
        Assert.Equal((3, 2), (probe.Metrics.Drops["implausible-epoch"], probe.Metrics.Counter("presences-implausible-epoch")));
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = day });
        Assert.Equal([$"a/{day}: 1 Held"], probe.Receipts());
    }

    [Fact]
    public void What_is_not_of_its_topic_is_refused_and_counted_by_the_topics_owner()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        probe.Control(Say("a", PresenceKind.Hello, epoch: 5), Say("a", PresenceKind.Leave, epoch: 6).SentBy("x"));
        probe.Send((Updates.Of("a", 7, 1) with { Epoch = 6, Leaving = true }).SentBy("x"));
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = 5 }, Updates.Of("b", 1, 1).SentBy("b"));
        Assert.Equal(["a/5: 1 Held", "b/1: 1 Held"], probe.Receipts());
        Assert.Equal(2, probe.Metrics.Drops["not-its-topic"]);
        foreach (var device in Honest[2..]) { probe.Send(Updates.Of(device, 1, 1)); }
        Assert.Equal(["x 0 not-its-topic", "x 7 not-its-topic"],
            probe.Take<Round>(port: 1).Refusals.Select(static r => $"{r.Device} {r.Sequence} {r.Reason}"));
    }

    [Fact]
    public void What_is_not_of_its_topic_is_written_as_nothing_of_the_topics_owner()
    {
        var update = Same(LearningCodecs.Deltas, Updates.Of("a", 1, 1).SentBy("x"))!;
        var presence = Same(LearningCodecs.Presences, Say("a", PresenceKind.Leave).SentBy("x"))!;
        using var probe = Probe(new FedBuff(1), Plain);
        probe.Send(update);
        probe.Control(presence);
        Assert.Equal(("x", "x"), (update.Device, presence.Device));
        Assert.Equal((1, 1), (probe.Metrics.Drops["schema"], probe.Metrics.Drops["implausible-epoch"]));
    }

    [Fact]
    public void A_device_that_is_fenced_comes_back_once_it_is_forgotten()
    {
        using var probe = Probe(new FedBuff(8), Plain, forgets: true);
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = 9 }, Updates.Of("a", 1, 1) with { Epoch = 8 });
        probe.Control(new ForgottenDevice("nobody"), new ForgottenDevice("a"));
        probe.Send(Updates.Of("a", 1, 1) with { Epoch = 8 });
        Assert.Equal(["a/9: 1 Held", "a/8: 1 Refused-fenced", "a/8: 1 Held"], probe.Receipts());
        Assert.Equal((1, 1), (probe.Metrics.Counter("devices-forgotten"), probe.Metrics.Drops["unknown-device"]));
    }

    [Fact]
    public void A_device_that_sends_what_cannot_be_is_out_for_ten_minutes_and_nobody_waits_for_it()
    {
        using var probe = Probe(new FedAvg(3), Plain);
        foreach (var device in new[] { "a", "b", "x" }) { probe.Send(Updates.Of(device, 1, 1)); }
        probe.TakeAll<Round>(port: 1);
        for (var i = 2; i <= 17; i++) { probe.Send(Updates.Of("x", i, float.NaN, 1)); }
        probe.TakeAll<Round>(port: 1);
        probe.Send(Updates.Of("x", 18, 1, 1));
        probe.Control(Say("x", PresenceKind.Hello));
        foreach (var device in new[] { "a", "b" }) { probe.Send(Updates.Of(device, 2, 1, 1)); }
        Assert.Equal(["a", "b"], probe.Take<Round>(port: 1).Contributions.Select(static c => c.Device));
        Assert.Equal((2, 1, 1), (probe.Metrics.Drops["quarantined"], probe.Metrics.Counter("presences-quarantined"),
            probe.Metrics.Counter("devices-quarantined")));
        probe.Advance(TimeSpan.FromMinutes(10));
        probe.Receipts();
        probe.Send(Updates.Of("x", 18, 1, 2));
        Assert.StartsWith("x/1: 18 Held", Assert.Single(probe.Receipts()), StringComparison.Ordinal);
    }

    public static TheoryData<Strategy> Weighing() =>
        [new FedAvg(4), new FedProx(4, Mu: 0.1f), new FedAdam(4), new FedMedian(4), new FedTrimmedMean(4), new FedBuff(5)];

    [Theory, MemberData(nameof(Weighing))]
    public void However_many_samples_it_claims_and_updates_it_sends_a_device_has_at_most_its_share_of_a_round(Strategy strategy)
    {
        using var probe = Updates.Probe(strategy, Plain with { MaxNorm = 1000 });
        var (x, version) = (0, 0L);
        for (var round = 1; round <= 20; round++)
        {
            if (round > 1)
            {
                for (var i = 0; i < 10; i++) { version += probe.Made(Updates.Of("x", ++x, -1, version, samples: int.MaxValue)); }
            }
            foreach (var device in Honest) { version += probe.Made(Updates.Of(device, round, 1, version)); }
        }

        var rounds = probe.TakeAll<Round>(port: 1).ToList();
        var late = rounds.Skip(rounds.Count / 2).SelectMany(static r => r.Contributions).ToList();
        var share = late.Where(static c => c.Device == "x").Sum(static c => c.Weight) / late.Sum(static c => c.Weight);
        if (strategy is not (FedMedian or FedTrimmedMean)) { Assert.InRange(share, 0, 0.605); }
        if (strategy is FedMedian or FedTrimmedMean)
        {
            Assert.All(rounds.Skip(1), static r => Assert.InRange(r.Contributions.Count(static c => c.Device == "x"), 0, 1));
            Assert.True(probe.Metrics.Drops["share"] > 0);
        }
        else
        {
            Assert.True(probe.Metrics.Counter("updates-capped") > 0);
            Assert.All(rounds.SelectMany(static r => r.Contributions), static c => Assert.True(!c.IsCapped || c.Device == "x"));
        }
    }

    [Fact]
    public void An_update_weighs_ten_times_the_fleets_median_at_most()
    {
        using var probe = Updates.Probe(new FedAvg(12), Plain with { MaxShare = 1 });
        for (var device = 0; device < 12; device++)
        {
            probe.Send(Updates.Of($"d{device:00}", 1, 1, samples: device == 7 ? 1_000_000 : 16));
        }
        var weights = probe.Take<Round>(port: 1).Contributions.Select(static c => (c.Weight, c.IsCapped)).ToList();
        Assert.Equal((160f, true), weights[7]);
        weights.RemoveAt(7);
        Assert.All(weights, static w => Assert.Equal((16f, false), w));
    }

    [Fact]
    public void One_device_of_two_may_have_as_much_more_than_the_other_as_it_says()
    {
        using var probe = Updates.Probe(new FedAvg(2), Plain);
        probe.Send(Updates.Of("a", 1, 1, samples: 1000), Updates.Of("b", 1, 0, samples: 10));
        Assert.Equal([1000f, 10f], probe.Take<Round>(port: 1).Contributions.Select(static c => c.Weight));
    }

    [Fact]
    public void Steps_count_as_far_as_there_was_time_for_them()
    {
        using var probe = Updates.Probe(new FedBuff(4), Plain);
        for (var round = 1; round <= 10; round++)
        {
            probe.Advance(TimeSpan.FromSeconds(1));
            foreach (var device in Honest) { probe.Send(Updates.Of(device, round, 1, round - 1)); }
            probe.Send(Updates.Of("x", round, 1, round));
        }

        probe.Advance(TimeSpan.FromSeconds(1));
        probe.Send(Updates.Of("x", 11, 90, 10) with { BaseVersion = -1, Steps = 9 });
        Assert.Equal(1, probe.Metrics.Drops["version"]);
        probe.Send(Updates.Of("x", 13, 90, 10) with { Steps = 1_000_000 });        // at the fleet's pace 4 steps
        Assert.Equal(1, probe.Metrics.Drops["norm"]);
        probe.Advance(TimeSpan.FromSeconds(9));
        probe.Send(Updates.Of("y", 1, 90, 10) with { Steps = 1_000_000 });         // 40 steps
        probe.Send(Updates.Of("a", 11, 90, 10) with { Steps = 40 });
        Assert.Equal(1, probe.Metrics.Drops["norm"]);                             // norm 180 of 2, times ten for ten times the steps
        probe.Send(Updates.Of("b", 11, 90, 10) with { Steps = 4 });
        Assert.Equal(2, probe.Metrics.Drops["norm"]);

        probe.Send(Updates.Of("y", 2, 90, 10) with { Steps = 1_000_000 });         // no time has passed since its last
        Assert.Equal(3, probe.Metrics.Drops["norm"]);
        Assert.Equal(1, probe.Metrics.Counter("updates-capped"));
    }

    [Fact]
    public void A_fleets_scale_has_at_most_a_share_of_rows_of_one_device_and_none_of_one_that_is_far_off()
    {
        using var probe = Updates.Probe(new FedAvg(3), Plain);
        void Tell(string device, long sequence, long rows, double mean) =>
            probe.Send(Updates.Of(device, sequence, 1, sequence - 1) with { Moments = new(rows, [mean], [rows]) });
        foreach (var device in Honest[..3]) { Tell(device, 1, 100, 0); }
        Assert.Equal(300, probe.TakeAll<Weights>().Single().Scale!.Count);
        Tell("a", 2, 1L << 32, 1);         // the others have 200: it may have 300, and has 100
        Tell("b", 2, 100, 0);
        Tell("c", 2, 100, 1e7);            // in another unit
        var scale = probe.TakeAll<Weights>().Single().Scale!;
        Assert.Equal(300 + 200 + 100, scale.Count);
        Assert.Equal(200.0 / 600, scale.Mean[0], 1e-9);
        var capped = probe.TakeAll<Round>(port: 1)[^1].Contributions.Where(static c => c.IsCapped);
        Assert.Empty(capped);       // what an update weighs stays as it is
        Assert.Equal((1L << 32) - 200 + 100, probe.Metrics.Counter("rows-capped"));
    }

    /// <summary>Such as a feature that is 0 on most devices: where it moves it would be scaled by the deviation of a constant.</summary>
    [Fact]
    public void Who_first_moves_a_channel_that_stood_still_is_in_the_scale()
    {
        using var probe = Updates.Probe(new FedAvg(3), Plain);
        foreach (var device in Honest[..3]) { probe.Send(Updates.Of(device, 1, 1) with { Moments = new(100, [0], [0]) }); }
        Assert.Equal(0, probe.TakeAll<Weights>().Single().Scale!.Variance(0));
        foreach (var device in Honest[..2]) { probe.Send(Updates.Of(device, 2, 1, 1) with { Moments = new(100, [0], [0]) }); }
        probe.Send(Updates.Of("c", 2, 1, 1) with { Moments = new(100, [0.5], [25]) });
        Assert.InRange(probe.TakeAll<Weights>().Single().Scale!.Variance(0), 0.05, 0.15);
    }

    [Fact]
    public void What_the_first_device_made_of_the_model_and_its_scale_is_taken_back_when_three_others_show_that_it_was_none_of_theirs()
    {
        using var probe = Probe(new FedBuff(4), Plain);
        for (var i = 1; i <= 4; i++) { probe.Send(Updates.Of("x", i, 25) with { Moments = new(1L << 30, [1e6], [1e9]) }); }
        var first = probe.TakeAll<Round>(port: 1).Single();
        Assert.Equal(25, Updates.Moved(first.Made)[0], 1e-4f);
        foreach (var device in Honest) { probe.Send(Updates.Of(device, 1, 1, 1) with { Moments = new(10, [1], [10]) }); }
        var taken = probe.TakeAll<Round>(port: 1).Single();
        Assert.Equal((0f, 2L, 40L, 1.0), (Updates.Moved(taken.Made)[0], taken.Version, taken.Made.Scale!.Count, taken.Made.Scale.Mean[0]));
        Assert.Equal(1, probe.Metrics.Counter("models-taken-back"));
        probe.Send(Updates.Of("a", 2, 1, 1));                // learned from what was taken back
        foreach (var device in Honest) { probe.Send(Updates.Of(device, 3, 1, 2)); }
        Assert.Equal(1, probe.Metrics.Drops["old-epoch"]);
        Assert.Equal(1, Updates.Moved(probe.TakeAll<Round>(port: 1).Single().Made)[0], 1e-5f);
    }

    [Fact]
    public void A_device_that_sends_far_more_than_all_others_and_faster_is_refused_in_between()
    {
        using var probe = Updates.Probe(new FedAsync(5), Plain);
        var (version, x, refused) = (0L, 0, 0L);
        for (var round = 1; round <= 40; round++)
        {
            foreach (var device in Honest)
            {
                probe.Advance(TimeSpan.FromMilliseconds(250));
                version += probe.Made(Updates.Of(device, round, 1, version));
                for (var i = 0; i < 25; i++) { version += probe.Made(Updates.Of("x", ++x, 1, version)); }
            }
            if (round == 20) { refused = probe.Metrics.Drops["flood"]; }
        }

        Assert.InRange(refused, 1000, 2000);
        Assert.Equal(["flood"], probe.Metrics.Drops.Keys);
        // While an honest update is made, half of the 20 versions that it may be behind; as many at once, and a few at the beginning.
        Assert.InRange(version, 160, (160 * (1 + 10)) + 10 + 16);
    }

    /// <summary>While the server is away a device keeps what it learns. All of it comes at once, before the others are back.</summary>
    [Fact]
    public void A_burst_that_leaves_the_updates_of_others_fresh_is_no_flood()
    {
        using var probe = Updates.Probe(new FedBuff(4), Plain);
        var (version, sent) = (0L, 0);
        while (sent < 4 + 64)
        {
            foreach (var device in sent++ < 4 ? [.. Honest, "x"] : new[] { "x" })
            {
                if (sent <= 4) { probe.Advance(TimeSpan.FromMilliseconds(250)); }
                version += probe.Made(Updates.Of(device, sent, 1, version));
            }
        }

        Assert.DoesNotContain("flood", probe.Metrics.Drops.Keys);
    }

    [Fact]
    public void Where_it_knows_as_many_devices_as_it_may_one_that_never_sent_an_update_and_is_gone_gives_way()
    {
        using var probe = Probe(new FedBuff(9), Plain with { MaxDevices = 3, Lease = TimeSpan.FromSeconds(10) });
        probe.Send(Updates.Of("a", 1, 1));
        foreach (var name in new[] { "x1", "x2", "x3" }) { probe.Control(Say(name, PresenceKind.Hello)); }
        Assert.Equal(1, probe.Metrics.Drops["fleet-full"]);
        probe.TakeAll<Weights>();
        probe.Advance(TimeSpan.FromSeconds(11));
        probe.Send(Updates.Of("b", 1, 1), Updates.Of("a", 1, 1) with { IsResent = true });
        Assert.Equal("b/1: 1 Held", probe.Receipts()[1]);
        Assert.Equal(1, probe.Metrics.Drops["duplicate"]);
    }

    private static OperatorProbe Probe(Strategy strategy, AggregateOptions options, bool forgets = false) => !forgets
        ? Answers.Probe(strategy, options)
        : OperatorProbe.From<WeightDelta>((p, flow) => OperatorProbe.Use(flow.Aggregate(Updates.Model, strategy,
            p.Input<Presence>("presences"), options with { Epoch = 0 }).ControlledBy(p.Input<ForgottenDevice>("forget"))));

    private static long InMilliseconds(TimeSpan ahead) => (OperatorProbe.Start + ahead).ToUnixTimeMilliseconds();

    private static void Round(OperatorProbe probe, long sequence, long version)
    {
        foreach (var device in Honest) { probe.Send(Updates.Of(device, sequence, 1, version)); }
    }
}
