using static StreamLearn.Learning.Tests.TrainUnderCredit;

namespace StreamLearn.Learning.Tests;

/// <summary>What a device does about updates that are not answered, and what it makes of the answers.</summary>
public sealed class TrainResendTests
{
    private static readonly TrainOptions One = EveryRow with { Credit = new() { Updates = 1 } };

    [Fact]
    public void An_unanswered_update_is_sent_again_under_its_identity_ever_less_often()
    {
        using var probe = Begun(2, One with { Credit = new() { Updates = 1, MaxResendDelay = TimeSpan.FromSeconds(5) } });
        var first = probe.Take<WeightDelta>();
        var again = Resent(probe, 20);
        Assert.Equal([2.0, 6, 11, 16], again.Select(a => a.At));
        var expected = Encoded(LearningCodecs.Deltas, first with { IsResent = true });
        Assert.All(again, a => Assert.Equal(expected, Encoded(LearningCodecs.Deltas, a.Update)));
        Assert.Equal((1, 4), (probe.Metrics.Counter("updates-sent"), probe.Metrics.Counter("updates-resent")));
        probe.Control(Answer(null, Held(1)));
        Assert.Empty(Resent(probe, 60));
    }

    [Fact]
    public void An_update_that_is_sent_again_says_what_the_device_holds_now_and_else_what_it_said()
    {
        using var probe = Begun(2, One);
        probe.Control(Version(3));
        probe.Seconds(2);
        var (first, again) = (probe.Take<WeightDelta>(), probe.Take<WeightDelta>());
        Assert.Equal([new(1, 0), new(1, 3)], [first.Held!.Value, again.Held!.Value]);
        Assert.True(again.IsResent);
        Assert.Equal((first.Sequence, first.BaseEpoch, first.BaseVersion, first.Samples, first.Steps),
            (again.Sequence, again.BaseEpoch, again.BaseVersion, again.Samples, again.Steps));
        Assert.Equal(first.Values, again.Values.AsEnumerable());
    }

    /// <summary>As after a start from an old copy of its state.</summary>
    [Fact]
    public void A_device_of_which_later_numbers_are_known_goes_on_after_them()
    {
        using var probe = Begun(4, EveryRow with { Credit = new() { Updates = 2 } });
        Assert.Equal([1, 2], probe.TakeAll<WeightDelta>().Select(static u => u.Sequence));
        probe.Control(Answer(null, Applied(long.MaxValue)));       // nobody can have been given that
        probe.Control(Answer(null, Applied(1018), Applied(1017)));
        probe.Learn(4);
        Assert.Equal([1019, 1020], probe.TakeAll<WeightDelta>().Select(static u => u.Sequence));
        Assert.Equal((1016, 2, 0), (probe.Metrics.Counter("numbers-passed-over"), probe.Metrics.Counter("updates-unknown"),
            probe.Metrics.Counter("updates-applied")));
        probe.Control(Answer(null, Applied(1019), Applied(1018)));
        Assert.Equal(1, probe.Metrics.Counter("updates-applied"));
    }

    /// <summary>The aggregator has known those numbers since before the device's state was put back.</summary>
    [Fact]
    public void An_update_whose_number_another_one_had_is_sent_again_under_a_new_one()
    {
        using var probe = Begun(6, EveryRow with { Credit = new() { Updates = 3 } });
        var sent = probe.TakeAll<WeightDelta>();
        UpdateFate Of(long number, uint fingerprint) => new(number, UpdateOutcome.Applied, null, fingerprint);
        probe.Control(Answer(null, Of(2, sent[1].Fingerprint), Of(1, 12345)));
        probe.Control(Answer(null, Of(5, 6), Of(4, 7), Of(3, 8), Of(2, sent[1].Fingerprint), Of(1, 12345)));
        probe.Seconds(1);
        probe.Seconds(1);
        var again = probe.TakeAll<WeightDelta>().Where(static u => u.IsResent).DistinctBy(static u => u.Sequence).ToList();
        Assert.Equal([4, 6, 7], again.Select(static u => u.Sequence));
        Assert.Equal([sent[0].Values, sent[0].Values, sent[2].Values], again.Select(static u => u.Values.AsEnumerable()));
        Assert.Equal((1, 0, 0), (probe.Metrics.Counter("updates-applied"), probe.Metrics.Counter("updates-unknown"),
            probe.Metrics.Counter("updates-refused")));
        probe.Control(Answer(null, Of(7, again[2].Fingerprint), Of(6, again[1].Fingerprint)));
        Assert.Equal(3, probe.Metrics.Counter("updates-applied"));
    }

    /// <summary>An aggregator on an older state says nothing of them, though it looks back as far.</summary>
    [Fact]
    public void What_was_accepted_and_is_no_longer_known_is_lost_once_two_receipts_leave_it_out()
    {
        using var probe = Begun(6, EveryRow with { Credit = new() { Updates = 4 } });
        probe.Control(Answer(null, Held(3), Held(2), Held(1)));
        UpdateFate older = new(1, UpdateOutcome.Held, null, probe.TakeAll<WeightDelta>()[0].Fingerprint);
        probe.Control(Answer(null, older));
        Assert.Equal(0, probe.Metrics.Counter("updates-lost"));
        probe.Control(Answer(null, Held(3)));           // it speaks of one update
        probe.Control(Answer(null, older));
        Assert.Equal((2, 1.0), (probe.Metrics.Counter("updates-lost"), probe.Metrics.Gauges["updates-held"]));
    }

    [Fact]
    public void Patience_is_three_times_what_answers_take()
    {
        using var probe = Begun(2, One);
        probe.Seconds(1.5);
        probe.Control(Answer(null, Applied(1)));
        probe.Learn(2);
        probe.Take<WeightDelta>();
        probe.Take<WeightDelta>();
        Assert.Equal([4.5, 13.5], Resent(probe, 20).Select(a => a.At));
    }

    [Fact]
    public void Patience_is_never_longer_than_the_longest_nor_shorter_than_the_shortest()
    {
        using var probe = Probe(One with
        {
            Credit = new() { Updates = 1, ResendAfter = TimeSpan.FromSeconds(2), MaxResendDelay = TimeSpan.FromSeconds(3) },
        });
        probe.Control(Version(0));
        probe.Learn(2);
        probe.Seconds(1.5);
        probe.Control(Answer(null, Applied(1)));
        probe.Learn(2);
        probe.TakeAll<WeightDelta>();
        Assert.Equal([3.0], Resent(probe, 5).Select(a => a.At));
        using var quick = Begun(2, One);
        quick.Control(Answer(null, Applied(1)));
        quick.Learn(2);
        quick.TakeAll<WeightDelta>();
        Assert.Equal([2.0], Resent(quick, 5).Select(a => a.At));
    }

    [Fact]
    public void An_answer_to_an_update_that_was_sent_twice_says_little_and_the_next_one_is_expected_no_sooner()
    {
        using var probe = Begun(2, One);
        probe.Seconds(2.5);
        probe.Control(Answer(null, Applied(1)));
        probe.Learn(2);
        probe.TakeAll<WeightDelta>();
        Assert.Equal([4.0], Resent(probe, 8).Select(a => a.At));
    }

    /// <summary>As with an aggregator that has too much to do.</summary>
    /// <param name="apart">Half seconds from the first update to the second; if many, every answer finds the other update late.</param>
    [Theory, InlineData(1), InlineData(9)]
    public void Where_answers_are_slow_fewer_and_fewer_updates_are_sent_again(int apart)
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = 2, MaxResendDelay = TimeSpan.FromMinutes(1) } });
        probe.Control(Version(0));
        Queue<(double At, long Sequence)> unanswered = [];
        List<int> again = [];
        for (var half = 0; half < 400; half++)
        {
            probe.Seconds(0.5);
            if (half == 0 || half >= apart) { probe.Learn(2); }
            foreach (var update in probe.TakeAll<WeightDelta>())
            {
                if (update.IsResent) { again.Add(half); }
                else { unanswered.Enqueue((half / 2.0, update.Sequence)); }
            }

            // each is answered after nine seconds; that of the other one tells the device that somebody is there
            if (unanswered.TryPeek(out var oldest) && half / 2.0 >= oldest.At + 9)
            {
                probe.Control(Answer(null, Applied(unanswered.Dequeue().Sequence)));
            }
        }

        Assert.InRange(again.Count(static h => h < 100), 3, 40);
        Assert.Equal(0, again.Count(static h => h >= 200));
    }

    [Fact]
    public void One_call_sends_one_update()
    {
        using var probe = Begun(6, EveryRow with { Credit = new() { Updates = 3 } });
        Assert.Equal([1L, 2, 3], probe.Sequences());
        probe.Control(Change(1, connected: false), Change(2));
        Assert.Equal([1L], probe.Sequences());
        Assert.True(probe.WakeUp());
        Assert.Equal([2L], probe.Sequences());
        Assert.True(probe.WakeUp());
        Assert.Equal([3L], probe.Sequences());
        Assert.False(probe.WakeUp());
    }

    [Fact]
    public void A_call_that_sends_an_update_again_sends_no_new_one()
    {
        using var probe = Begun(5, EveryRow with { Credit = new() { Updates = 3 } });
        Assert.Equal([1L, 2], probe.Sequences());
        probe.Control(Change(1, connected: false), Change(2));
        Assert.Equal([1L], probe.Sequences());
        probe.Row();
        Assert.Equal([2L], probe.Sequences());
        Assert.True(probe.WakeUp());
        Assert.Equal([3L], probe.Sequences());
    }

    [Fact]
    public void When_all_lost_sessions_are_back_what_is_unanswered_goes_again_and_what_is_missing_is_asked_for()
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = 2 } });
        string?[] sessions = [null, "models", "receipts"];
        foreach (var session in sessions) { probe.Control(Change(1, subscription: session)); }
        probe.Control(Version(0));
        probe.Learn(4);
        probe.Control(Answer(null, Held(1)));
        probe.TakeAll<WeightDelta>();
        probe.Said();
        foreach (var session in sessions) { probe.Control(Change(1, connected: false, subscription: session)); }
        probe.Control(Change(2), Change(2, subscription: "models"));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((0, 0), (probe.Count(), probe.Count(Presences)));
        probe.Control(Change(2, kept: true, subscription: "receipts"));
        Assert.Equal([2L], probe.Sequences());
        Assert.Equal([(PresenceKind.Hello, new ModelVersion(1, 0))], probe.Said());
        Assert.Equal([2.0, 6.0], Resent(probe, 10).Select(a => a.At));
    }

    [Theory, InlineData(null), InlineData("models")]
    public void A_session_that_was_kept_and_a_first_connection_change_nothing(string? subscription)
    {
        using var probe = Begun(2, EveryRow);
        probe.TakeAll<WeightDelta>();
        probe.Said();
        probe.Control(Change(0, connected: false, subscription: subscription), Change(1, subscription: subscription));
        probe.Control(Change(1, connected: false, subscription: subscription));
        probe.Control(Change(2, kept: true, subscription: subscription));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((0, 0), (probe.Count(), probe.Count(Presences)));
    }

    [Fact]
    public void A_lost_connection_that_was_never_heard_of_is_known_by_the_next_one_of_its_session()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Change(1), Version(0));
        probe.Learn(2);
        probe.TakeAll<WeightDelta>();
        probe.Control(Change(2));     // the change before it was replaced while the block was busy
        Assert.Equal([1L], probe.Sequences());
    }

    [Fact]
    public void Who_hears_that_somebody_is_there_sends_again_what_should_have_been_answered_by_then()
    {
        using var probe = Begun(4, EveryRow with { Credit = new() { Updates = 3 } });
        probe.TakeAll<WeightDelta>();
        Assert.Equal([2.0, 6.0, 14.0], Resent(probe, 20).Where(a => a.Update.Sequence == 1).Select(a => a.At));      // the next one at 30 s
        probe.Learn(2);
        Assert.Equal([3L], probe.Sequences());
        probe.Control(Answer(null));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal([1L, 2], probe.Sequences());         // not the third, which was sent just now
        Assert.Equal([2.0, 6.0], Resent(probe, 10).Where(a => a.Update.Sequence == 1).Select(a => a.At));
    }

    [Theory, InlineData(null), InlineData("models")]
    public void A_change_that_is_heard_of_by_two_flows_counts_once(string? subscription)
    {
        using var probe = Begun(2, EveryRow);
        probe.TakeAll<WeightDelta>();
        probe.Said();
        foreach (var connects in new[] { 1, 1, 2, 2 }) { probe.Control(Change(connects, subscription: subscription)); }
        probe.Advance(TimeSpan.Zero);
        Assert.Equal((1, 1), (probe.Count(), probe.Count(Presences)));
    }

    [Fact]
    public void A_device_that_ends_waits_for_its_answers()
    {
        using var probe = Begun(2, EveryRow);
        Assert.False(probe.AwaitingReplies);
        probe.Complete();
        Assert.True(probe.AwaitingReplies);
        Assert.Equal([1L, 2], probe.Sequences());
        probe.Seconds(2);
        Assert.Equal([1L, 2], probe.Sequences());
        probe.Control(Answer(new(1, 1), Held(1)));
        Assert.True(probe.AwaitingReplies);
        probe.Control(Answer(new(1, 1), Applied(2), Held(1)));
        Assert.False(probe.AwaitingReplies);
        Assert.Equal(0, probe.Metrics.Counter("updates-unknown"));
    }

    [Fact]
    public void A_device_that_ends_does_not_wait_for_ever()
    {
        using var probe = Begun(2, EveryRow);
        probe.Complete();
        probe.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.True(probe.AwaitingReplies);
        probe.Advance(TimeSpan.FromTicks(1));
        Assert.False(probe.AwaitingReplies);
        Assert.Equal(2, probe.Metrics.Counter("updates-unknown"));
        Assert.Null(probe.WakeAt);
    }

    [Fact]
    public void A_device_that_has_ended_learns_no_more()
    {
        using var probe = Begun(1, EveryRow with { Continuous = true });
        probe.Complete();
        var steps = probe.Metrics.Counter("steps");
        probe.Control(Version(1));
        probe.Seconds(1);
        Assert.Equal(steps, probe.Metrics.Counter("steps"));
        Assert.DoesNotContain(probe.TakeAll<WeightDelta>().SkipWhile(u => !u.Leaving).Skip(1), u => !u.IsResent);
    }

    [Fact]
    public void A_later_aggregator_is_followed_whatever_the_number_of_its_version()
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = 3 } });
        probe.Control(Version(10));
        probe.Learn(6);
        probe.Control(Answer(new(1, 10), Applied(2), Held(1)));
        probe.TakeAll<WeightDelta>();
        probe.Control(Version(3, epoch: 2));
        var again = probe.Take<WeightDelta>();
        Assert.Equal((3L, true, new ModelVersion(2, 3)), (again.Sequence, again.IsResent, again.Held));
        Assert.Equal((1, 1, 0.0), (probe.Metrics.Counter("aggregator-restarts"), probe.Metrics.Counter("updates-lost"),
            probe.Metrics.Gauges["updates-held"]));
        probe.Learn(2);
        var next = probe.Take<WeightDelta>();
        Assert.Equal((2L, 3L), (next.BaseEpoch, next.BaseVersion));
    }

    [Fact]
    public void A_later_aggregator_is_known_by_its_receipt_too()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Version(10));
        probe.Learn(2);
        probe.Control(Answer(new(1, 10), Held(1)), Answer(new(2, 0)));
        Assert.Equal((1, 1), (probe.Metrics.Counter("aggregator-restarts"), probe.Metrics.Counter("updates-lost")));
    }

    [Fact]
    public void What_an_earlier_aggregator_says_is_ignored_and_so_is_what_is_for_another()
    {
        using var probe = Probe(One);
        probe.Control(Version(1, epoch: 2));
        probe.Learn(3);
        probe.Control(Version(50, epoch: 1), Answer(new(1, 60), Applied(1)));
        probe.Control(Answer(new(2, 1), Applied(1)) with { Device = "other" });
        probe.Control(Answer(new(2, 1), Applied(1)) with { Epoch = 7 });
        Assert.False(probe.Ready);
        Assert.Equal((1, 3, 0), (probe.Metrics.Drops["old-epoch"], probe.Metrics.Drops["foreign"],
            probe.Metrics.Counter("updates-answered")));
        probe.Control(Answer(new(2, 1), Applied(1)));
        Assert.True(probe.Ready);
    }

    [Fact]
    public void Every_update_has_one_fate_whatever_order_receipts_come_in()
    {
        using var probe = Begun(10, EveryRow with { Credit = new() { Updates = 8 } });
        probe.Control(Answer(null, Refused(5), Held(3), Held(2), Applied(1)));
        probe.Control(Answer(null, Held(3), Held(2), Held(1)));                     // late
        probe.Control(Answer(null, Refused(5), Applied(3), Held(2), Applied(1)));
        probe.Control(Answer(null, Refused(5), Held(3), Held(2), Applied(1)));      // late too
        probe.Complete();
        probe.Seconds(5);
        Assert.Equal((6, 4, 2, 1, 2, 1.0), (probe.Metrics.Counter("updates-sent"), probe.Metrics.Counter("updates-answered"),
            probe.Metrics.Counter("updates-applied"), probe.Metrics.Counter("updates-refused"),
            probe.Metrics.Counter("updates-unknown"), probe.Metrics.Gauges["updates-held"]));
        Assert.Equal(1, probe.Metrics.Counter("updates-refused-norm"));
    }

    [Fact]
    public void What_was_accepted_and_not_heard_of_again_is_given_up_after_sixty_four_updates()
    {
        using var probe = Probe(One);
        probe.Control(Version(0));
        for (var sequence = 1; sequence <= 65; sequence++)
        {
            Assert.Equal(0, probe.Metrics.Counter("updates-unreported"));
            probe.Learn(2);
            probe.Control(Answer(null, sequence == 1 ? Held(1) : Applied(sequence)));
        }
        Assert.Equal((1, 0.0), (probe.Metrics.Counter("updates-unreported"), probe.Metrics.Gauges["updates-held"]));
    }

    private static List<(double At, WeightDelta Update)> Resent(OperatorProbe probe, int seconds)
    {
        var (sent, start) = (new List<(double At, WeightDelta Update)>(), probe.Now);
        while (probe.Now < start.AddSeconds(seconds))
        {
            probe.Seconds(0.5);
            sent.AddRange(probe.TakeAll<WeightDelta>().Select(u => ((probe.Now - start).TotalSeconds, u)));
        }
        return sent;
    }
}
