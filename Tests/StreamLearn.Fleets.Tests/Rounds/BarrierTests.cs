namespace StreamLearn.Fleets.Tests;

public sealed class BarrierTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void All_waits_for_every_invited_device_once_enough_are_known()
    {
        var due = Due.WhenAll(3);
        Assert.Null(due.Left(View(known: 2, invited: 2, reported: 2)));
        Assert.Null(due.Left(View(known: 3, invited: 3, reported: 2)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 3, invited: 3, reported: 3)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 3, invited: 1, reported: 1)));     // two have gone
    }

    [Fact]
    public void Count_waits_for_accepted_updates_of_distinct_devices_or_until_nobody_is_left()
    {
        var due = Due.WhenEnough(2);
        Assert.Null(due.Left(View(known: 5, invited: 5, reported: 4, contributors: 1, updates: 9)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 5, invited: 5, reported: 2, contributors: 2)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 5, invited: 1, reported: 1, contributors: 1)));
        Assert.Null(due.Left(View(known: 1, invited: 1, reported: 1, contributors: 1)));        // the other may still come
    }

    [Theory]
    [InlineData(0.1, 30, 3)]        // 0.1 · 30 is a little above 3 in binary
    [InlineData(0.5, 5, 3)]
    [InlineData(1, 4, 4)]
    [InlineData(0.01, 4, 1)]
    public void Fraction_waits_for_a_share_rounded_up(double fraction, int invited, int needed)
    {
        var due = Due.WhenShare(fraction, invited);
        Assert.Null(due.Left(View(known: invited, invited: invited, reported: invited - 1, contributors: needed - 1)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: invited, invited: invited, reported: needed, contributors: needed)));
        Assert.Null(due.Left(View(known: invited - 1, invited: invited, reported: needed, contributors: needed)));
    }

    [Fact]
    public void Deadline_ends_with_enough_goes_void_with_too_few_and_ends_early_with_all()
    {
        var due = Due.AtDeadline(10 * Second, Due.WhenAll(4), minFraction: 0.5, devices: 4);
        Assert.Equal(4 * Second, due.Left(View(known: 4, invited: 4, reported: 2, contributors: 2, elapsed: 6)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 4, invited: 4, reported: 2, contributors: 2, elapsed: 10)));
        Assert.Equal(Due.Void, due.Left(View(known: 4, invited: 4, reported: 2, contributors: 1, elapsed: 10)));
        Assert.Equal(TimeSpan.Zero, due.Left(View(known: 4, invited: 4, reported: 4, contributors: 3, elapsed: 1)));
        Assert.Equal(Due.Void, due.Left(View(known: 4, invited: 4, reported: 4, contributors: 1, elapsed: 1)));     // three were refused
        Assert.Null(due.Left(View(known: 3, invited: 3, reported: 2, contributors: 2, elapsed: 99)));       // the fleet still gathers
    }

    [Fact]
    public void A_predicted_deadline_is_a_multiple_of_the_median_time()
    {
        var due = Due.AtPredictedDeadline(1.5, Due.WhenAll());
        Assert.Null(due.Left(View(known: 4, invited: 4, reported: 2, contributors: 2, elapsed: 99)));
        var round = View(known: 4, invited: 4, reported: 2, contributors: 2) with { Predicted = 2 * Second };
        Assert.Equal(Second, due.Left(round with { Elapsed = 2 * Second }));
        Assert.Equal(3 * Second, due.Left(round));
    }

    [Fact]
    public void Each_and_buffer_count_updates_whoever_sent_them()
    {
        Assert.Null(Due.AfterUpdates(1).Left(View(invited: 5)));
        Assert.Equal(TimeSpan.Zero, Due.AfterUpdates(1).Left(View(invited: 5, updates: 1)));
        Assert.Null(Due.AfterUpdates(3).Left(View(invited: 5, updates: 2)));
        Assert.Equal(TimeSpan.Zero, Due.AfterUpdates(3).Left(View(invited: 5, updates: 3)));
        Assert.Equal(Second, Due.AfterUpdates(3, 4 * Second).Left(View(invited: 5, updates: 2, elapsed: 3)));
        Assert.Equal(TimeSpan.Zero, Due.AfterUpdates(3, 4 * Second).Left(View(invited: 5, updates: 2, elapsed: 4)));
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Func<Due>[] wrong =
        [
            () => Due.WhenAll(0), () => Due.WhenEnough(0), () => Due.WhenShare(0), () => Due.WhenShare(1.1),
            () => Due.AtDeadline(TimeSpan.Zero, Due.WhenAll()), () => Due.AtDeadline(Second, Due.WhenAll(), double.NaN),
            () => Due.AtPredictedDeadline(0, Due.WhenAll()), () => Due.AfterUpdates(0), () => Due.AfterUpdates(1, TimeSpan.Zero),
        ];
        Assert.All(wrong, make => Assert.Throws<ArgumentOutOfRangeException>(make));
        Assert.Throws<ArgumentNullException>(() => Due.AtDeadline(Second, null!));
    }

    [Fact]
    public void What_follows_from_a_preset_is_refused_at_wiring()
    {
        FedAvg[] wrong =
            [new(1) { Deadline = TimeSpan.Zero }, new(1) { DeadlineFactor = 0 }, new(1) { Deadline = Second, MinFraction = 2 }];
        Assert.All(wrong, strategy => Assert.Throws<ArgumentOutOfRangeException>(() => Updates.Probe(strategy)));
    }

    [Fact]
    public void At_a_deadline_the_round_ends_without_the_slow_and_they_are_late()
    {
        using var probe = Updates.Probe(new FedAvg(4) { Deadline = 10 * Second });
        foreach (var device in "abcd") { probe.Send(Updates.Of(device.ToString(), 1, 1)); }
        Assert.Equal(1, probe.Count());
        probe.Send(Updates.Of("a", 2, 1, baseVersion: 1), Updates.Of("b", 2, 3, baseVersion: 1));
        probe.Advance(9 * Second);
        Assert.Equal(1, probe.Count());

        probe.Advance(Second);

        Assert.Equal(2, probe.Count());
        Assert.All(Updates.Moved(probe.TakeAll<Weights>()[1]), moved => Assert.Equal(1 + 2, moved, 1e-6f));
        Assert.Equal((2, false), probe.TakeAll<Round>(port: 1).Select(r => (r.Missing, r.Void)).Last());
        Assert.Equal(2, probe.Metrics.Counter("devices-missing"));
        probe.Send(Updates.Of("c", 2, 9, baseVersion: 1));
        Assert.Equal(1, probe.Metrics.Drops["late-round"]);
        foreach (var device in "abd") { probe.Send(Updates.Of(device.ToString(), 3, 1, baseVersion: 2)); }
        Assert.Equal(0, probe.Count());
        probe.Send(Updates.Of("c", 3, 1, baseVersion: 2));      // being late for one round is not a report in the next
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(4, moved, 1e-6f));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Below_the_share_the_round_is_void_and_the_model_stays(bool streams)
    {
        Strategy strategy = new FedAvg(4) { Deadline = 10 * Second };
        if (streams) { strategy = strategy.Rounds with { Weigh = new Plain(), Apply = Apply.MeanOfDeltas() }; }
        using var probe = Updates.Probe(strategy, new() { Averaging = Averaging.None });
        foreach (var device in "abcd") { probe.Send(Updates.Of(device.ToString(), 1, 1)); }
        var first = probe.Take<Weights>();
        probe.Take<Round>(port: 1);
        probe.Send(Updates.Of("a", 2, 7, baseVersion: 1) with { Moments = new(4, [2], [1]) });

        probe.Advance(10 * Second);

        var (second, round) = (probe.Take<Weights>(), probe.Take<Round>(port: 1));
        Assert.Equal((2L, true, 3), (second.Version, round.Void, round.Missing));
        Assert.Equal(first.Values.Skip(2), second.Values.Skip(2));
        Assert.Equal(4, second.Scale!.Count);
        Assert.Equal([new("a", 1, 2, "void-round")], round.Refusals);
        Assert.Equal((1L, 1L, 4L), (probe.Metrics.Counter("void-rounds"), probe.Metrics.Counter("updates-void"),
            probe.Metrics.Counter("updates-applied")));
        foreach (var device in "abcd") { probe.Send(Updates.Of(device.ToString(), 3, 1, baseVersion: 2)); }
        Assert.All(Updates.Moved(probe.Take<Weights>()), moved => Assert.Equal(2, moved, 1e-6f));     // nothing is left of the void round
    }

    private static RoundView View(
        int known = 5, int invited = 0, int reported = 0, int contributors = 0, int updates = 0, double elapsed = 0) => new()
        {
            Version = 3,
            Updates = Math.Max(updates, contributors),
            Devices = reported,
            Contributors = contributors,
            Invited = invited,
            Alive = invited,
            Known = known,
            Elapsed = TimeSpan.FromSeconds(elapsed),
        };

    /// <summary>Every update is worth the same.</summary>
    private sealed record Plain : Weigh
    {
        public override float Of(in UpdateHeader update, in RoundView round) => 1;
    }
}
