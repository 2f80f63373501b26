using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>The rounds: every update is validated, weighed and added or held; a round ends when the strategy says so.</summary>
internal sealed class Aggregate : Operator<WeightDelta>, IControlledBy<Presence>, IControlledBy<Weights>, IControlledBy<ConnectionChange>
{
    private readonly OperatorContext _context;
    private readonly IOutput<Weights> _versions;
    private readonly IOutput<Round> _roundsEnded;
    private readonly ModelPlan _plan;
    private readonly AggregateOptions _options;
    private readonly Rules _rounds;
    private readonly ServerState _state;
    private readonly Fleet _fleet;
    private readonly UpdateCheck _check;
    private readonly RecentVersions _recent;
    private readonly ModelAverage _average;
    private readonly StatisticsMean _statistics;
    private readonly DirectiveBook _directives;
    private readonly RoundBook _book;
    private readonly Downlink? _downlink;
    private readonly SessionWatch _sessions = new();
    private readonly List<(Member Member, long Epoch, long Sequence)> _undecided = [];       // accepted, and their round has not ended
    private readonly int _enroll;
    private readonly long _firstVersion;
    private ChannelMoments? _scale;
    private long _epoch;
    private DateTimeOffset? _restoreBy;
    private bool _restored;
    private bool _first = true;
    private bool _paused;
    private bool _leaseWatched;
    private Member? _sole;          // of whom the open round has updates
    private bool _isMixed;          // it has updates of several, or lost one
    private long _stalenessSum;
    private long _stalenessMax;

    internal Aggregate(AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds,
        IOutput<Receipt>? receipts = null)
    {
        (_context, _versions, _roundsEnded, _options) = (context, versions, rounds, block.Options);
        (_plan, _rounds) = (block.Model.Plan, block.Strategy.Rounds);
        var (initial, apply) = (block.Model.Initial, _rounds.Apply);
        _state = new(initial, apply.Slots) { Statistics = _plan.Statistics };
        _statistics = new(_plan, initial, averages: !apply.TreatsStatistics);
        _fleet = new(_options.MaxDevices, initial.Version);
        _check = new(block.Model, _options, apply.Bases);
        _recent = new(initial.Version, initial.Values, apply.Bases);
        _average = new(_plan, _options.Averaging);
        _directives = new(_rounds.Direct, _options.MaxDirectives, context);
        _book = new(_options.MaxHeldUpdates);
        (_enroll, _firstVersion, _epoch) = (_options.Enroll ?? _rounds.Enroll, initial.Version,
            _options.Epoch ?? (receipts is null ? 0 : context.Now.ToUnixTimeMilliseconds()));
        _downlink = receipts is null ? null : new(context, versions, receipts, (int)Math.Min(int.MaxValue, _plan.ParameterBytes));
        if (_options.Restore is { } time)
        {
            _restoreBy = context.Now + time;
            context.WakeAt(context.Now + time);
        }
        else
        {
            _downlink?.Renew(initial with { Epoch = _epoch }, isInitial: true);
        }
    }

    /// <summary>Closed while a version to go on from may still come.</summary>
    public override bool Ready => _restoreBy is null;

    /// <summary>False at the end while receipts have to be sent.</summary>
    public override bool AwaitingReplies => _downlink is { HasReceipts: true };

    public override void Process(WeightDelta input)
    {
        Member? member = null;
        if ((_check.Form(input) ?? _fleet.Admit(input, _context.Now, out member)) is { } stranger)
        {
            if (stranger == "duplicate") { _context.Drop(input, stranger); }
            else { Refuse(input, stranger); }
            if (member is null || stranger == "identity")
            {
                _downlink?.Answer(input, stranger);
                return;
            }
        }
        else
        {
            _book.StartedAt ??= _context.Now;
            // without receipts a device goes on from what it learned while no version comes: it is not behind its own updates
            if (_downlink is null && IsOfThisEpoch(input)) { input = Continued(input, member!); }
            var reason = Accept(input, member!);
            if (reason is not null) { Refuse(input, reason); }
            Decide(input, member!, reason);
            if (input.Leaving)
            {
                if (reason is null && input.Steps == 0 && input.Moments is null) { _context.Record("farewells"); }
                _fleet.End(member!);
            }

            Continue();
        }

        if (_downlink is null) { return; }
        _downlink.Answer(member!);
        _downlink.Hear(member!, input.Held, kind: null);
        _downlink.Send();
    }

    /// <inheritdoc />
    public void Control(Presence message)
    {
        if (_fleet.Hear(message, _context.Now, out var member) is { } reason)
        {
            _context.Drop(message, reason);
            _context.Record(reason == "fenced" ? "presences-fenced" : "presences-fleet-full");
        }
        else { _downlink?.Hear(member!, message.Held, message.Kind); }
        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    /// <summary>Goes on from a version of an earlier aggregator, if it waits for one.</summary>
    public void Control(Weights message)
    {
        if (_restoreBy is null || message.SchemaHash != _plan.SchemaHash || message.Values.Length != _plan.Values
            || !double.IsFinite(UpdateCheck.NormOf(message.Values)))
        {
            _context.Drop(message, _restoreBy is null ? "not-restoring" : "schema");
            return;
        }

        message.Values.CopyTo(_state.Weights);
        (_state.Version, _scale, _first) = (message.Version, message.Scale, false);
        _recent.GoOnFrom(message.Version, message.Values);
        _statistics.GoOnFrom(message);
        _fleet.GoOnFrom(message.Version);
        _epoch = Math.Max(_epoch, message.Epoch + 1);
        _restored = true;
        _context.Record("restored");
        Open(message with { Epoch = _epoch, Recipient = null });
    }

    /// <summary>Hears of its connections: when all are back after a session was lost, it tells every device what it knows. Updates that
    /// came in between reached nobody, and are sent again at once by who hears that somebody is there.</summary>
    public void Control(ConnectionChange message)
    {
        if (_downlink is null || !_sessions.Take(message)) { return; }
        _fleet.Report(_downlink);
        _downlink.Send();
    }

    public override void WakeUp()
    {
        if (_restoreBy <= _context.Now) { Open(null); }
        _leaseWatched = false;
        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    public override void Complete()
    {
        if (_book.Updates > 0) { Finish(valid: true); }
        _downlink?.Send();
    }

    /// <summary>Takes updates from now on.</summary>
    private void Open(Weights? restored)
    {
        _restoreBy = null;
        if (_downlink is null) { return; }
        _downlink.Renew(restored ?? Version(_state.Weights), isInitial: restored is null);
        if (restored is null) { return; }
        _fleet.Offer(_downlink);
        _downlink.Send();
    }

    /// <summary>Remembers what has become of an update, for its device to be told.</summary>
    private void Decide(WeightDelta update, Member member, string? reason)
    {
        if (reason is not null) { member.Identities.Decide(update.Sequence, UpdateOutcome.Refused, reason); }
        else if (update.Steps == 0) { member.Identities.Decide(update.Sequence, UpdateOutcome.Applied); }
        else if (_downlink is not null) { _undecided.Add((member, member.Epoch, update.Sequence)); }
    }

    /// <summary>The round has ended: what was accepted went into its version, or was refused with it.</summary>
    private void DecideAll(bool valid)
    {
        foreach (var (member, epoch, sequence) in _undecided)
        {
            if (epoch != member.Epoch) { continue; }        // the device has started anew: nobody waits to hear of it
            if (valid) { member.Identities.Decide(sequence, UpdateOutcome.Applied); }
            else { DecideLate(member, sequence, "void-round"); }
        }

        _undecided.Clear();
    }

    private void DecideLate(Member member, long sequence, string reason)
    {
        member.Identities.Decide(sequence, UpdateOutcome.Refused, reason);
        _downlink?.Report(member);
    }

    private WeightDelta Continued(WeightDelta update, Member member)
    {
        var version = member.VersionOf(update.BaseVersion);
        return version == update.BaseVersion ? update : update with { BaseVersion = version, BaseEpoch = _epoch };
    }

    private void Refuse(WeightDelta update, string reason)
    {
        _book.Refuse(update.Device, update.Epoch, update.Sequence, reason);
        _context.Drop(update, reason);
    }

    /// <summary>
    /// Takes an update into the round. One without steps is no report, unless its device has taken no version yet: that may wait for one.
    /// </summary>
    /// <returns>Why not, or null.</returns>
    private string? Accept(WeightDelta update, Member member)
    {
        if (update.Steps > 0 && !IsOfThisEpoch(update)) { return "old-epoch"; }
        var late = update.BaseVersion < _state.Version;
        var untimely = Untimely(member, update.BaseVersion, late);
        var idle = update.Steps == 0 && update.Moments is null;
        var ofThisRound = !late || !_fleet.Listed;
        if (untimely is null && ofThisRound && (update.Steps > 0 || idle || update.BaseVersion == _firstVersion)) { _fleet.Report(member); }
        if (_check.Content(update, _state.Version, member, out var norm) is { } reason) { return reason; }
        Note(update, member);
        if (idle) { return update.Leaving ? null : "empty"; }
        if (update.Steps == 0) { return Announce(update); }
        if (update.RolledBack >= update.Steps) { return Take(new(update, 0, norm)) ? "rolled-back" : "set-full"; }
        if (untimely is not null) { return Take(new(update, 0, norm)) ? untimely : "set-full"; }
        var weight = _rounds.Weigh.Of(HeldUpdate.HeaderOf(update), View());
        if (!(weight > 0 && float.IsFinite(weight))) { return "refused"; }
        if (!Take(new(_check.Clip(update, norm), weight, norm))) { return "set-full"; }
        if (norm > _options.ClipNorm) { _context.Record("updates-clipped"); }
        if (ofThisRound) { _fleet.Contribute(member); }
        _book.Updates++;
        _isMixed |= _sole is not null && _sole != member;
        _sole = member;
        return null;
    }

    /// <summary>
    /// The initial model is the same in every epoch. But what was learned from it may be in the version that this aggregator goes on from.
    /// </summary>
    private bool IsOfThisEpoch(WeightDelta update) =>
        update.BaseEpoch == _epoch || (update.BaseEpoch == 0 && update.BaseVersion == _firstVersion && !_restored);

    /// <summary>
    /// Why an update with steps does not belong to this round, or null: late for a round that has ended, or not asked for.
    /// </summary>
    private string? Untimely(Member member, long baseVersion, bool late)
    {
        if (late && (_fleet.IsInvited(member) || member.InvitedTo == baseVersion)) { return _rounds.AcceptsLate ? null : "late-round"; }
        return _fleet.IsInvited(member) ? null : "uninvited";
    }

    /// <summary>Remembers what a valid update tells of its device.</summary>
    private void Note(WeightDelta update, Member member)
    {
        member.Take(update.BaseVersion);
        member.Pace.Arrive(_recent.EmittedAt(update.BaseVersion), _context.Now, update.Steps, update.RoundTime, update.CreditWait);
        if (update.Steps > 0) { member.Sent(HeldUpdate.HeaderOf(update)); }
        _fleet.Medians.Note();
    }

    private string? Announce(WeightDelta update)
    {
        if (!Take(new(update, 0, 0))) { return "set-full"; }
        _context.Record("announcements");
        return null;
    }

    /// <summary>Adds an update or holds it until the round ends. False: there is no room.</summary>
    private bool Take(in HeldUpdate update)
    {
        if (update.Weight == 0 && update.Update.Moments is null) { return true; }
        if (!_rounds.Apply.Streams) { return _book.Hold(update); }
        if (update.Weight > 0 && !_check.KnowsBound && _book.Held.Count < RoundBook.HeldAtFirst && _book.Hold(update)) { return true; }
        Merge(update);
        if (update.Weight > 0) { Add(update); }
        return true;
    }

    /// <summary>Moments belong to rows, whatever became of what was learned from them.</summary>
    private void Merge(HeldUpdate held) => _scale = ChannelMoments.Merge(_scale, held.Update.Moments);

    private void Add(HeldUpdate held)
    {
        var (update, weight, norm) = held;
        _state.Updates++;
        _state.TotalWeight += weight;
        _rounds.Apply.Add(_state, new(held.Header, weight, update.Values.AsSpan(), _recent.ValuesOf(update.BaseVersion)));
        _statistics.Add(update, weight);
        _book.Contribute(update, weight, norm, _state.Version);
        var staleness = _state.Version - update.BaseVersion;
        (_stalenessSum, _stalenessMax) = (_stalenessSum + staleness, Math.Max(_stalenessMax, staleness));
        _context.Charge(_plan.Values);
    }

    private void Continue()
    {
        WatchLeases();
        _context.Gauge("devices-alive", _fleet.Alive);
        _context.Gauge("devices-with-data", _fleet.Ready.Count);
        Settle();
        _context.Gauge("updates-in-round", _book.Updates);
    }

    private void WatchLeases()
    {
        if (_leaseWatched || _options.Lease is not { } lease) { return; }
        var (ended, next) = _fleet.Expire(_context.Now, lease);
        if (ended > 0) { _context.Record("leases-ended", ended); }
        if (next is not { } time) { return; }
        _leaseWatched = true;
        _context.WakeAt(time);
    }

    /// <summary>
    /// Asks whether the round is due. One in which all have reported and none was accepted ends void, so that no device waits for it; so
    /// does one whose invited devices are all gone. While there is no device at all, nothing is due.
    /// </summary>
    private void Settle()
    {
        var pause = _fleet.Ready.Count == 0 && _book.Updates == 0;
        if (_paused && !pause) { _book.StartedAt = _context.Now; }
        _paused = pause;
        if (pause) { return; }
        if (_first && _enroll > 0)
        {
            if (_fleet.Known >= _enroll) { Finish(valid: _book.Updates > 0); }
            return;
        }

        if (_fleet.Listed && _fleet.Invited == 0)
        {
            Finish(valid: _book.Updates > 0);
            return;
        }

        if (_rounds.Due.Left(View()) is not { } due) { return; }
        if (due > TimeSpan.Zero) { WakeIn(due); }
        else if (_book.Updates > 0 || due == Due.Void || (_fleet.Reported > 0 && _fleet.Reported >= _fleet.Invited))
        {
            Finish(valid: _book.Updates > 0 && due != Due.Void);
        }
    }

    private void WakeIn(TimeSpan due)
    {
        if (due < DateTimeOffset.MaxValue - _context.Now) { _context.WakeAt(_context.Now + due); }
    }

    private void Finish(bool valid)
    {
        Move(valid);
        var missing = Math.Max(0, _fleet.Invited - _fleet.Reported);
        if (!_rounds.AcceptsLate) { _context.Record("devices-missing", missing); }
        _plan.SetScale(_scale, _state.Weights);
        _statistics.EndRound(_state.Weights);
        _state.Version++;
        if (valid && !_isMixed) { _sole?.Made(_state.Version); }
        (_sole, _isMixed, _first) = (null, false, false);
        var version = Version(_state.Weights);
        _recent.Add(version.Values, _context.Now);
        var inUse = _average.Add(version);
        var invited = _fleet.BeginRound(_rounds.Select, _state.Version, _context.Random);
        var made = invited is null ? version : version with { Invited = invited };
        var round = _book.End(made, inUse, missing, _fleet.Medians.Stragglers, _context.Now);
        var directives = _directives.For(_fleet.Medians, _fleet.Ready, View());
        if (!directives.IsEmpty) { made = made with { Directives = directives }; }
        _roundsEnded.Emit(directives.IsEmpty ? round : round with { Made = made });
        if (_downlink is null) { _versions.Emit(made); }
        else
        {
            _downlink.Renew(made);
            _fleet.Offer(_downlink);
        }

        _context.Record("versions");
        _context.Gauge("staleness-sum", _stalenessSum);
        _context.Gauge("staleness-max", _stalenessMax);
        _context.Gauge("updates-in-round", _book.Updates);
        // it may get no message
        if (_fleet.Ready.Count > 0 && _rounds.Due.Left(View()) is { } due && due > TimeSpan.Zero) { WakeIn(due); }
    }

    private Weights Version(ReadOnlySpan<float> values) => new()
    {
        Version = _state.Version,
        Epoch = _epoch,
        SchemaHash = _plan.SchemaHash,
        Values = ImmutableArray.Create(values),
        Scale = _scale,
    };

    /// <summary>Moves the model by the round's updates, or leaves it where it is.</summary>
    private void Move(bool valid)
    {
        var knewBound = _check.KnowsBound;
        _fleet.Medians.Compute(_fleet.Ready);
        _check.EndRound(_fleet.Medians);
        if (!_rounds.Apply.Streams) { _book.Held.Sort(HeldUpdate.Order); }
        if (!knewBound) { _book.Held.RemoveAll(IsOutOfBounds); }
        _book.Held.ForEach(Merge);
        _book.Held.RemoveAll(static update => update.Weight == 0);
        if (!_rounds.Apply.Streams) { _state.Set = new(_book.Held); }
        if (valid) { _book.Held.ForEach(Add); }
        else { _book.Void(); }
        valid &= _state.Updates > 0;
        if (valid)
        {
            _rounds.Apply.Finish(_state);
            _statistics.Finish(_state.Weights);
        }
        else if (_rounds.Apply.Streams) { _rounds.Apply.Discard(_state); }
        DecideAll(valid);
        _context.Record("updates-applied", valid ? _state.Updates : 0);
        _context.Record("updates-void", valid ? 0 : _book.Updates);
        if (!valid) { _context.Record(_first && _enroll > 0 ? "enrolments" : "void-rounds"); }
        (_state.Updates, _state.TotalWeight, _state.Set) = (0, 0, default);
    }

    /// <summary>Refuses what came before norms were known and turns out to be no update of this fleet's.</summary>
    private bool IsOutOfBounds(HeldUpdate held)
    {
        if (held.Weight == 0 || _check.IsBounded(held.Norm, held.Update.Steps)) { return false; }
        _book.Updates--;
        _isMixed = true;
        Refuse(held.Update, "norm");
        var at = _undecided.FindIndex(
            u => u.Sequence == held.Update.Sequence && u.Epoch == held.Update.Epoch && u.Member.Id.Name == held.Update.Device);
        if (at >= 0)
        {
            var (member, epoch, sequence) = _undecided[at];
            if (epoch == member.Epoch) { DecideLate(member, sequence, "norm"); }
            _undecided.RemoveAt(at);
        }

        return true;
    }

    private RoundView View() => new()
    {
        Version = _state.Version,
        First = _first,
        Updates = _book.Updates,
        Devices = _fleet.Reported,
        Contributors = _fleet.Contributors,
        Invited = _fleet.Invited,
        Alive = _fleet.Ready.Count,
        Known = _fleet.Known,
        Elapsed = _context.Now - (_book.StartedAt ?? _context.Now),
        Predicted = _fleet.Predicted,
    };
}
