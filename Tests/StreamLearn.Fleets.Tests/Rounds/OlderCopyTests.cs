namespace StreamLearn.Fleets.Tests;

/// <summary>An aggregator that resumes from an older copy of its state, where the server keeps nothing.</summary>
public sealed class OlderCopyTests
{
    private const long Newest = 4;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2), Hears = TimeSpan.FromSeconds(10), Answers = TimeSpan.FromSeconds(15);
    private static readonly AggregateOptions First =
        new() { Epoch = 1, Averaging = Averaging.None, Secret = [.. Enumerable.Repeat((byte)7, 32)] };

    private readonly List<Round> _rounds = [];
    private readonly List<Receipt> _receipts = [];
    private readonly BlockMetrics _metrics = new("aggregate");
    private readonly OperatorContext _context;
    private readonly Aggregate _edge;
    private readonly Weights _last;     // which devices hold
    private DateTimeOffset _now = OperatorProbe.Start;

    public OlderCopyTests()
    {
        var made = new List<Round>();
        var run = new Aggregate(new(Updates.Model, new FedBuff(1), First), States.Context(), new Each<Weights>(_ => { }),
            new Each<Round>(made.Add), new Each<Receipt>(_ => { }));
        Make(run, 0);
        Make(run, 1);
        var copy = States.Written(run.State);
        for (var version = 2; version < Newest; version++) { Make(run, version); }
        _last = made[^1].Made;
        _context = States.Context(_metrics);
        _edge = new(new(Updates.Model, new FedBuff(1), First with { Epoch = 9, Restore = Wait }), _context, new Each<Weights>(_ => { }),
            new Each<Round>(_rounds.Add), new Each<Receipt>(_receipts.Add));
        States.Take(copy, _edge.State);
    }

    private Receipt? Question => _receipts.FindLast(static r => r.Wanted is not null);

    [Fact]
    public void A_device_gives_the_version_back_and_no_number_is_made_twice()
    {
        Advance(Wait);
        Hold("a", new(1, Newest));
        Assert.Equal(("a", new(1, Newest)), (Question!.Device, Question.Wanted!.Value));
        Offer("a", _last);
        Hold("b", new(1, Newest - 1));
        var round = Assert.Single(_rounds);
        Assert.Equal((new ModelVersion(9, Newest + 1), _last.Sha256()), (round.Made.Id, round.Made.Sha256()));
        Assert.Equal((1, 0, Newest), (_metrics.Counter("recovered"), _metrics.Counter("restored"), _metrics.Gauges["restored-version"]));
    }

    [Fact]
    public void What_is_not_sealed_is_not_believed_and_the_next_device_is_asked()
    {
        Advance(Wait);
        Hold("a", new(1, 900));
        Hold("b", new(1, Newest));
        Offer("a", _last with { Version = 900 });
        Assert.Equal("b", Question!.Device);
        Offer("a", _last);          // it was not asked
        Offer("b", _last);
        Assert.Equal(new ModelVersion(9, Newest + 1), Assert.Single(_rounds).Made.Id);
        Assert.Equal((1, 1), (_metrics.Counter("offers-refused"), _metrics.Drops["not-restoring"]));
    }

    /// <summary>A device that was refused would give up what only it holds.</summary>
    [Fact]
    public void An_update_from_a_version_that_may_come_back_is_answered_once_it_is_known()
    {
        var update = Updates.Of("a", 9, 1, baseVersion: Newest) with { BaseEpoch = 1, Held = new(1, Newest) };
        Advance(Wait);
        _receipts.Clear();
        _edge.Process(update);
        Assert.Equal([new(1, Newest)], _receipts.Select(static r => r.Wanted!.Value));
        Offer("a", _last);
        Hold("b", new(1, 1));
        _edge.Process(update with { IsResent = true });
        Assert.Equal(1, _metrics.Drops["resuming"]);
        Assert.Equal([null, "old-epoch"], _receipts.Select(static r => r.FateOf(9)?.Reason));     // nobody gives up the version now
    }

    /// <summary>One that says so again and again is asked twice.</summary>
    [Fact]
    public void A_device_that_claims_and_gives_nothing_delays_the_others_for_half_a_minute()
    {
        Advance(Wait);
        Hold("b", new(1, Newest));
        _receipts.Clear();
        Hold("a", new(1, 900));
        Advance(Answers);           // b gave nothing either, and is asked again later
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("a", Question!.Device);
            Hold("a", new(1, 900));
            Advance(Answers);
        }

        Assert.Equal("b", Question!.Device);
        Offer("b", _last);
        Assert.Equal(new ModelVersion(9, Newest + 1), Assert.Single(_rounds).Made.Id);
    }

    [Fact]
    public void Where_nobody_gives_it_back_its_number_stays_unused()
    {
        Advance(Wait);
        Hold("a", new(1, Newest));
        Hold("b", new(1, 1));
        Advance(Answers);
        Advance(Answers);
        Assert.Equal(new ModelVersion(9, Newest + 1), Assert.Single(_rounds).Made.Id);
        Assert.Equal((0, 2), (_metrics.Counter("recovered"), _metrics.Counter("versions-unknown")));
    }

    [Fact]
    public void A_version_that_the_server_has_kept_is_not_taken_over_a_later_one_of_a_device()
    {
        Hold("a", new(1, Newest));
        _edge.Control(_last with { Version = Newest - 1 });
        Assert.Empty(_rounds);
        Offer("a", _last);
        Hold("b", new(1, Newest));
        Assert.Equal((new(9, Newest + 1), _last.Sha256()), (Assert.Single(_rounds).Made.Id, _rounds[0].Made.Sha256()));
    }

    /// <summary>Its round would be made under the number that the restored version's round gets.</summary>
    [Fact]
    public void A_device_that_learned_from_a_version_of_the_copy_and_holds_a_later_one_ends_no_round()
    {
        Hold("a", new(1, Newest));
        _edge.Control(_last with { Version = Newest - 1 });
        _edge.Process(Updates.Of("b", 3, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, Newest) });
        Assert.Empty(_rounds);
        Offer("a", _last);
        Assert.Equal(new ModelVersion(9, Newest + 1), Assert.Single(_rounds).Made.Id);
    }

    [Fact]
    public void One_that_ends_before_anybody_has_answered_makes_its_version_under_another_epoch()
    {
        Hold("a", new(1, Newest));
        _edge.Control(_last with { Version = Newest - 1 });
        _edge.Process(Updates.Of("b", 3, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, 2) });
        _edge.Complete();
        Assert.Equal(new ModelVersion(9, 3), Assert.Single(_rounds).Made.Id);
    }

    [Fact]
    public void A_version_that_is_given_back_after_a_round_has_ended_comes_too_late()
    {
        Hold("a", new(1, Newest));
        _edge.Control(_last with { Version = Newest - 1 });
        Assert.Equal("a", Question!.Device);
        _edge.Process(Updates.Of("b", 3, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, 2) });
        _edge.Complete();
        Offer("a", _last);
        Assert.Equal(new ModelVersion(9, 3), Assert.Single(_rounds).Made.Id);
        Assert.Equal((1, 0), (_metrics.Drops["not-restoring"], _metrics.Counter("offers-refused")));
    }

    [Fact]
    public void Versions_are_made_under_the_same_epoch_once_all_devices_have_said_that_they_hold_no_later_one()
    {
        Advance(Wait);
        _edge.Process(Updates.Of("a", 3, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, 2) });
        Assert.Empty(_rounds);
        Hold("b", new(1, 1));
        Assert.Equal(new ModelVersion(1, 3), Assert.Single(_rounds).Made.Id);
    }

    /// <summary>The device that is missing may hold a later version.</summary>
    [Fact]
    public void Without_the_word_of_all_devices_versions_get_another_epoch_and_updates_stay_good()
    {
        Advance(Wait);
        _edge.Process(Updates.Of("a", 3, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, 2) });
        Advance(Hears);
        _edge.Process(Updates.Of("a", 4, 1, baseVersion: 2) with { BaseEpoch = 1, Held = new(1, 2) });
        Assert.Equal([new(9, 3), new ModelVersion(9, 4)], _rounds.Select(static r => r.Made.Id));
        Assert.Empty(_metrics.Drops);
        Hold("b", new(1, Newest));      // it follows
        Assert.Equal(2, _rounds.Count);
    }

    [Fact]
    public void No_device_is_quarantined_for_versions_that_the_copy_lacks()
    {
        Advance(Wait);
        for (var i = 0; i < 40; i++) { _edge.Process(Updates.Of("a", 10 + i, 1, baseVersion: Newest) with { BaseEpoch = 1 }); }
        for (var i = 0; i < 40; i++) { _edge.Process(Updates.Of("a", 60 + i, 0, baseVersion: 99, samples: 0) with { BaseEpoch = 7 }); }
        Advance(Hears);
        for (var i = 0; i < 40; i++) { _edge.Process(Updates.Of("a", 110 + i, 1, baseVersion: Newest) with { BaseEpoch = 1 }); }
        Assert.Equal(0, _metrics.Counter("devices-quarantined"));
        Assert.Equal(80, _metrics.Drops["resuming"]);
    }

    [Fact]
    public void A_question_is_part_of_the_state()
    {
        Advance(Wait);
        Hold("a", new(1, Newest));
        var again = new Aggregate(new(Updates.Model, new FedBuff(1), First with { Epoch = 9, Restore = Wait }),
            States.Context(goesOn: true), new Each<Weights>(_ => { }), new Each<Round>(_rounds.Add), new Each<Receipt>(_ => { }));
        States.Carry(_edge.State, again.State);
        again.Control(Say("a", PresenceKind.Holding, _last.Id) with { Offer = _last });
        again.Control(Say("b", PresenceKind.Holding, new(1, 1)));
        Assert.Equal(new ModelVersion(9, Newest + 1), Assert.Single(_rounds).Made.Id);
    }

    private static void Make(Aggregate edge, long version)
    {
        foreach (var device in new[] { "a", "b" })
        {
            edge.Control(Say(device, PresenceKind.Holding, version == 0 ? null : new(1, version)));
        }
        edge.Process(Updates.Of("a", version + 1, 1, baseVersion: version) with { BaseEpoch = version == 0 ? 0 : 1 });
    }

    private void Advance(TimeSpan time)
    {
        _context.Begin(_now += time);
        _edge.WakeUp();
    }

    private void Hold(string device, ModelVersion held) => _edge.Control(Say(device, PresenceKind.Holding, held));

    private void Offer(string device, Weights version) =>
        _edge.Control(Say(device, PresenceKind.Holding, version.Id) with { Offer = version });

    private sealed class Each<T>(Action<T> take) : IOutput<T>
        where T : class
    {
        public void Emit(T item) => take(item);
    }
}
