using static StreamLearn.Learning.Tests.TrainUnderCredit;

namespace StreamLearn.Learning.Tests;

/// <summary>A device that keeps to the pace of its aggregator: when it pauses, and when it goes on.</summary>
public sealed class TrainCreditTests
{
    private static readonly TrainOptions One = EveryRow with { Credit = new() { Updates = 1 } };

    /// <summary>As an aggregator does on an older copy of its state. Another version it cannot give.</summary>
    [Fact]
    public void It_gives_the_version_back_that_it_is_asked_for()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Version(9));
        probe.TakeAll<Presence>(Presences);
        probe.Control(Answer(new(1, 4)) with { Wanted = new(1, 8) });
        probe.Control(Answer(new(1, 4)) with { Wanted = new(1, 9), Device = "another" });
        Assert.Empty(probe.TakeAll<Presence>(Presences));
        probe.Control(Answer(new(1, 4)) with { Wanted = new(1, 9) });
        var offer = probe.Take<Presence>(Presences);
        Assert.Equal((new ModelVersion(1, 9), 9), (offer.Held!.Value, offer.Offer!.Version));
    }

    [Fact]
    public void A_device_says_hello_as_it_starts_and_confirms_each_version_a_repeated_one_too()
    {
        using var probe = Probe(EveryRow with { Epoch = 6 });
        Assert.True(probe.WakeUp());
        var hello = probe.Take<Presence>(Presences);
        Assert.Equal(("probe", 6, PresenceKind.Hello, null), (hello.Device, hello.Epoch, hello.Kind, hello.Held));
        probe.Control(Version(3), Version(3), Version(2), Version(4));
        Assert.Equal([new(1, 3), new(1, 3), new(1, 3), new(1, 4)], probe.Said().Where(s => s.Kind == PresenceKind.Holding)
            .Select(s => s.Held!.Value));
    }

    [Fact]
    public void The_version_that_all_have_from_their_start_need_not_come_whatever_the_aggregators_epoch()
    {
        using var probe = Probe(One);
        probe.Learn(2);
        probe.Control(Answer(new(1_733_700_000_000, 0), Held(1)));
        probe.Learn(2);
        Assert.Equal([1L, 2], probe.Sequences());
        probe.Control(Answer(new(1_733_700_000_000, 1), Held(2)));
        probe.Learn(2);
        Assert.Empty(probe.Sequences());
    }

    [Fact]
    public void A_version_of_an_aggregator_that_was_restarted_since_is_not_taken()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Version(8, epoch: 1), Answer(new(2, 3)));
        probe.Said();
        probe.Control(Version(9, epoch: 1));
        Assert.Equal(1, probe.Metrics.Drops["old-epoch"]);
        Assert.Equal([(PresenceKind.Holding, new ModelVersion(2, 0))], probe.Said());
        probe.Control(Version(3, epoch: 2));
        Assert.Equal([(PresenceKind.Holding, new ModelVersion(2, 3))], probe.Said());
    }

    /// <summary>So that an earlier aggregator can call it back, if it is the one that is left.</summary>
    [Fact]
    public void An_earlier_aggregator_that_answers_hears_each_time_whom_the_device_follows()
    {
        using var probe = Probe(EveryRow);
        probe.Control(Version(8, epoch: 1));
        probe.Control(Answer(new(2, 3)));           // no version of the later one has come
        probe.Said();
        probe.Control(Answer(new(1, 9)), Answer(new(1, 9)) with { Device = "other" }, Answer(new(2, 3)));
        Assert.Equal([(PresenceKind.Holding, new ModelVersion(2, 0))], probe.Said());
        probe.Control(Version(3, epoch: 2));
        probe.Said();
        probe.Control(Answer(new(1, 9)), Answer(new(1, 9)));
        (PresenceKind, ModelVersion?) follows = (PresenceKind.Holding, new ModelVersion(2, 3));
        Assert.Equal([follows, follows], probe.Said());
    }

    [Fact]
    public void Without_a_number_a_start_is_told_by_its_time_in_all_that_the_device_says()
    {
        using var probe = Probe(EveryRow with { Epoch = null });
        using var beats = new SourceProbe<Presence>(p => p.Heartbeat("probe"));
        var start = OperatorProbe.Start.ToUnixTimeMilliseconds();
        probe.Seconds(5);
        probe.Control(Version(0));
        probe.Learn(2);
        Assert.All(probe.TakeAll<Presence>(Presences), p => Assert.Equal(start, p.Epoch));
        Assert.Equal([start], probe.TakeAll<WeightDelta>().Select(u => u.Epoch));
        Assert.Equal(start, beats.Next().Epoch);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void So_many_updates_may_be_unanswered_and_then_it_takes_no_more_rows(int updates)
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = updates } });
        probe.Control(Version(0));
        Assert.Equal((2 * updates) + 1, probe.Learn(100));      // one row is in: it waits for its step
        Assert.Equal(Enumerable.Range(1, updates).Select(i => (long)i), probe.Sequences());
        Assert.Equal(2 * updates, probe.Metrics.Counter("steps"));
    }

    [Fact]
    public void A_continuous_device_pauses_too_and_goes_on_taking_rows()
    {
        using var probe = Probe(EveryRow with { Continuous = true });
        probe.Control(Version(0));
        Assert.Equal(20, probe.Learn(20));
        Assert.Equal([1L, 2], probe.Sequences());
        Assert.Equal(4, probe.Metrics.Counter("steps"));
        probe.Control(Answer(null, Held(1)));
        probe.Advance(TimeSpan.Zero);
        Assert.Equal([3L], probe.Sequences());
    }

    [Fact]
    public void Credit_returns_when_the_update_is_answered_and_the_version_that_the_receipt_names_is_held()
    {
        using var probe = Begun(3, One);
        probe.Control(Answer(new(1, 2), Held(1)));
        Assert.False(probe.Ready);
        probe.Control(Version(1));
        Assert.False(probe.Ready);
        probe.Control(Version(2));
        Assert.True(probe.Ready);
        probe.Learn(1);
        Assert.Equal([(1L, 0L), (2, 2)], probe.TakeAll<WeightDelta>().Select(u => (u.Sequence, u.BaseVersion)));
    }

    [Fact]
    public void A_newer_version_than_the_named_one_will_do_and_so_will_one_that_is_held_already()
    {
        using var probe = Probe(One);
        probe.Control(Version(7));
        probe.Learn(3);
        probe.Control(Answer(new(1, 6), Held(1)));
        Assert.True(probe.Ready);
        probe.Learn(2);
        probe.Control(Answer(new(1, 8), Applied(2)));
        Assert.False(probe.Ready);
        probe.Control(Version(11));
        Assert.True(probe.Ready);
    }

    [Fact]
    public void A_version_alone_returns_no_credit()
    {
        using var probe = Begun(3, One);
        probe.Control(Version(1), Version(2));
        Assert.False(probe.Ready);
    }

    [Fact]
    public void Without_the_named_version_it_goes_on_when_the_time_since_the_receipt_is_up_and_asks()
    {
        using var probe = Begun(3, One);
        probe.Seconds(1);
        probe.Control(Answer(new(1, 2), Held(1)));
        probe.Said();
        probe.Seconds(4.999);
        Assert.False(probe.Ready);
        Assert.Empty(probe.Said());
        probe.Seconds(0.001);
        Assert.True(probe.Ready);
        Assert.Equal([(PresenceKind.Waiting, new ModelVersion(1, 0))], probe.Said());
        Assert.Equal((1, 0), (probe.Metrics.Counter("version-timeouts"), probe.Metrics.Counter("updates-resent")));
    }

    [Fact]
    public void Extra_steps_go_on_from_the_rounds_own_weights_and_stay_one_update()
    {
        using var probe = Probe(One with { Credit = new() { Updates = 1, ExtraSteps = 3 } });
        probe.Control(Version(0));
        Assert.Equal(8, probe.Learn(100));      // 2 steps, then 2 + 3, and a row that waits
        Assert.Equal([1L], probe.Sequences());
        probe.Control(Version(5), Answer(new(1, 5), Applied(1)));
        probe.Advance(TimeSpan.Zero);
        var update = probe.Take<WeightDelta>();
        Assert.Equal((2L, 5, 0L), (update.Sequence, update.Steps, update.BaseVersion));
        Assert.Equal(0, probe.Count());
        probe.Control(Answer(new(1, 5), Applied(2)));
        probe.Learn(1);
        Assert.Equal((3L, 2, 5L), probe.Take<WeightDelta>() is var next ? (next.Sequence, next.Steps, next.BaseVersion) : default);
    }

    [Fact]
    public void An_announcement_and_a_farewell_take_no_credit()
    {
        using var probe = Probe(One with { Announce = true });
        probe.Control(Version(0));
        Assert.Equal(3, probe.Learn(100));
        Assert.Equal([(1L, 0), (2, 2)], probe.TakeAll<WeightDelta>().Select(u => (u.Sequence, u.Steps)));
        probe.Complete();
        var farewell = probe.Take<WeightDelta>();
        Assert.Equal((3L, true), (farewell.Sequence, farewell.Leaving));
    }

    [Fact]
    public void Credit_is_not_lent_by_an_answer_to_an_announcement()
    {
        using var probe = Begun(100, One with { Announce = true });
        probe.Control(Answer(null, Applied(1)));
        Assert.False(probe.Ready);
        probe.Control(Answer(null, Held(2), Applied(1)));
        Assert.True(probe.Ready);
    }

    [Fact]
    public void A_farewell_is_the_last_number_that_can_be_told_from_the_oldest_unanswered_one()
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = 32 } });
        probe.Control(Version(0));
        for (var sequence = 1L; sequence <= 63; sequence++)
        {
            probe.Learn(2);
            if (sequence > 1) { probe.Control(Answer(null, Applied(sequence))); }
        }

        Assert.Equal(1, probe.Learn(2));
        Assert.Equal(63, probe.Sequences()[^1]);
        probe.Control(Answer(null, Applied(1)));
        probe.Learn(1);
        Assert.Equal([64L], probe.Sequences());
    }

    [Fact]
    public void A_wait_for_credit_is_measured_and_told_with_the_round_that_it_came_before()
    {
        using var probe = Begun(2, One);
        probe.Seconds(1);           // it has nothing to do
        probe.Learn(1);
        probe.Seconds(0.75);        // and then no credit
        probe.Control(Answer(null, Applied(1)));
        probe.Seconds(9);
        probe.Learn(1);
        Assert.Equal([0, 0.75], probe.TakeAll<WeightDelta>().Select(u => u.CreditWait.TotalSeconds));
        Assert.Equal(750, probe.Metrics.Counter("credit-wait-ms"));
    }

    [Fact]
    public void An_update_says_which_version_the_device_holds_and_of_which_start_its_base_is()
    {
        using var probe = Probe(EveryRow with { Credit = new() { Updates = 3 } });
        probe.Learn(2);
        probe.Control(Version(4, epoch: 2));
        probe.Learn(1);
        probe.Control(Version(5, epoch: 2));
        probe.Learn(1);
        var updates = probe.TakeAll<WeightDelta>();
        Assert.Equal([null, new ModelVersion(2, 5)], updates.Select(u => u.Held));
        Assert.Equal([(0L, 0L), (2, 4)], updates.Select(u => (u.BaseEpoch, u.BaseVersion)));
        Assert.All(updates, u => Assert.False(u.IsResent));
    }

    [Fact]
    public void In_lock_step_it_asks_while_it_waits_ever_less_often()
    {
        using var probe = Begun(2, EveryRow with { Pace = TrainPace.LockStep });
        probe.Control(Answer(new(1, 0), Held(1)));
        probe.Said();
        Assert.Equal([5.0, 15, 35, 75, 135], Asked(probe, 140));
        probe.Control(Version(1));
        probe.Said();
        Assert.Empty(Asked(probe, 20));
    }

    [Fact]
    public void Until_a_first_version_comes_it_asks_for_one()
    {
        using var probe = Probe(EveryRow);
        probe.Seconds(0);
        Assert.Equal([(PresenceKind.Hello, null)], probe.Said());
        Assert.Equal([5.0, 15, 35], Asked(probe, 40));
        probe.Control(Version(0));
        probe.Said();
        Assert.Empty(Asked(probe, 200));
    }

    [Fact]
    public void Without_receipts_a_device_says_nothing_and_keeps_no_account()
    {
        using var probe = OperatorProbe.From<Batch>((p, flow) =>
            OperatorProbe.Use(flow.Train(Model, p.Input<Weights>("models"), EveryRow)));
        Assert.Null(probe.WakeAt);
        Assert.Equal(40, probe.Learn(40));
        Assert.All(probe.TakeAll<WeightDelta>(), u => Assert.Null(u.Held));
        Assert.Equal(0, probe.Metrics.Counter("updates-sent"));
        probe.Complete();
        Assert.False(probe.AwaitingReplies);
    }

    private static List<double> Asked(OperatorProbe probe, int seconds)
    {
        var (asked, start) = (new List<double>(), probe.Now);
        while (probe.Now < start.AddSeconds(seconds))
        {
            probe.Seconds(0.5);
            asked.AddRange(probe.Said().Where(s => s.Kind == PresenceKind.Waiting).Select(_ => (probe.Now - start).TotalSeconds));
        }
        return asked;
    }
}
