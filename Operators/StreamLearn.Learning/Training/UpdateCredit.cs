namespace StreamLearn.Learning;

/// <summary>Decides when a round may begin and what to resend. <paramref name="initial"/>: version number shared at the start.</summary>
internal sealed class UpdateCredit(CreditOptions options, MessageNumbers numbers, long initial, OperatorContext context)
{
    private const int UnansweredAfter = 3;

    /// <summary>Numbers that an aggregator may know beyond an older copy of the state.</summary>
    private const long MaxPassedOver = MessageNumbers.Reserved << 10;

    private readonly List<UpdateFlight> _flights = [];
    private readonly RefusalReasons _refused = new(context);
    private readonly AnswerTime _answers = new(options);
    private readonly VersionQuestion _question = new(options);
    private readonly HashSet<long> _held = [];          // accepted updates of an open round
    private readonly HashSet<long> _unlisted = [];      // of these, those missing in the last receipt
    private ModelVersion? _version;     // null: the initial version
    private long? _aggregator;          // the aggregator's epoch
    private DateTimeOffset? _leaveBy;
    private int _unanswered;               // repetitions since the last answer
    private DateTimeOffset _answeredAt = context.Now;

    /// <summary>Needs credit, and an oldest unanswered number still within a receipt's range.</summary>
    internal bool IsAvailable
    {
        get
        {
            var next = numbers.Last + 1;
            var (used, oldest) = (0, next);
            foreach (var flight in _flights)
            {
                used += flight.IsFree ? 0 : 1;
                if (!flight.IsAnswered) { oldest = Math.Min(oldest, flight.Update.Sequence); }
            }

            return used < options.Updates && next - oldest < Receipt.MaxFates - 1;      // leaves space for the leave message
        }
    }

    /// <summary>True after repeated messages without any answer for half the maximum delay.</summary>
    internal bool IsUnanswered => _unanswered >= UnansweredAfter && context.Now - _answeredAt >= options.MaxResendDelay / 2;

    /// <summary>True if an answer showed that the aggregator never made the held version.</summary>
    internal bool HoldsUnknown { get; private set; }

    internal bool IsSettled => !_flights.Exists(static f => !f.IsAnswered);

    internal DateTimeOffset? NextAt
    {
        get
        {
            var next = Earlier(_question.At, _leaveBy);
            foreach (var flight in _flights) { next = Earlier(next, flight.DueAt); }
            return next;
        }
    }

    internal void State(ref StateStream s)
    {
        s.Items(_flights, int.MaxValue, static (ref StateStream s, ref UpdateFlight flight) =>
        {
            flight ??= new(null, false, default, TimeSpan.Zero);
            flight.State(ref s);
        });
        State(ref s, _held);
        State(ref s, _unlisted);
        _refused.State(ref s);
        _answers.State(ref s);
        _question.State(ref s);
        _version = s.Value(_version);
        s.Value(ref _aggregator);
        s.ClockTime(ref _leaveBy);
        s.Value(ref _unanswered, 0, int.MaxValue);
        s.ClockTime(ref _answeredAt);
    }

    private static void State(ref StateStream s, HashSet<long> numbers)
    {
        var left = s.Value(numbers.Count, 0, int.MaxValue);
        foreach (var number in numbers) { s.Value(number); }        // empty when reading
        for (; s.IsReading && left > 0; left--) { numbers.Add(s.Value(0L)); }
    }

    /// <summary><paramref name="isFree"/>: takes no credit, as announcements and leave messages.</summary>
    internal void Sent(WeightDelta update, bool isFree)
    {
        var forgotten = _held.RemoveWhere(s => s <= update.Sequence - Receipt.MaxFates);
        if (forgotten > 0) { context.Record("updates-unreported", forgotten); }
        _flights.Add(new(update, isFree, context.Now, _answers.ResendAfter));
        context.Record("updates-sent");
    }

    internal void Leave()
    {
        if (IsSettled) { return; }
        _leaveBy = context.Now + options.LeaveTimeout;
        _question.Stop();
    }

    internal void Await(bool waits) => _question.Await(waits, context.Now);

    internal void Hold(ModelVersion version)
    {
        (_version, _unanswered, _answeredAt) = (version, 0, context.Now);
        Meet(version.Epoch);
        _flights.RemoveAll(f => f.IsAnswered && IsHeld(f.Needs));
    }

    internal bool IsOutdated(Weights version) => version.Epoch < _aggregator;

    internal bool IsOutdated(Receipt receipt) =>
        receipt.Device == context.Pipeline && receipt.Epoch == numbers.Epoch && receipt.Newest.Epoch < _aggregator;

    /// <summary>Numbered 0 before the first version.</summary>
    internal ModelVersion? Followed => _aggregator is not { } epoch ? _version
        : _version is { } version && version.Epoch == epoch ? version : new(epoch, 0);

    internal void Take(Receipt receipt)
    {
        var reason = receipt.Device != context.Pipeline || receipt.Epoch != numbers.Epoch || IsOutdated(receipt)
            || (receipt.Fates is [{ Sequence: var last }, ..] && last > numbers.Last + MaxPassedOver) ? "foreign"
            : Plausible.IsVersion(receipt.Newest, context.Now) ? null : "implausible-epoch";
        if (reason is not null)
        {
            context.Drop(receipt, reason);
            return;
        }

        (_unanswered, _answeredAt) = (0, context.Now);
        Meet(receipt.Newest.Epoch);
        if (receipt.Fates is [{ Sequence: var newest }, ..] && newest > numbers.Last) { PassOver(newest); }
        foreach (var fate in receipt.Fates) { Note(fate, receipt.Newest); }
        LookForLost(receipt);
        foreach (var flight in _flights)
        {
            // the aggregator is present but has not seen it: do not wait out a long delay
            if (flight.IsLate(context.Now, _answers.Patience)) { flight.Restart(context.Now, _answers.Patience); }
        }

        _flights.RemoveAll(f => f.IsAnswered && IsHeld(f.Needs));
    }

    /// <summary>Held updates are lost; unanswered ones go to the next aggregator.</summary>
    internal void Forget()
    {
        (_aggregator, _version, HoldsUnknown) = (null, null, false);
        (_unanswered, _answeredAt) = (0, context.Now);
        _flights.RemoveAll(static f => f.IsAnswered);
        Lose();
    }

    /// <summary>Makes all unanswered updates due; the loss does not measure answer time.</summary>
    internal void Resend()
    {
        _answers.Forget();
        foreach (var flight in _flights)
        {
            if (!flight.IsAnswered) { flight.Restart(context.Now, _answers.ResendAfter); }
        }
    }

    /// <summary>Resends only the oldest due update in a call.</summary>
    internal bool Advance(out WeightDelta? again)
    {
        var now = context.Now;
        if (_leaveBy <= now)
        {
            context.Record("updates-unknown", _flights.RemoveAll(static f => !f.IsAnswered));
            _leaveBy = null;
        }

        var timedOut = _flights.RemoveAll(f => f.IsAnswered && f.DueAt <= now);
        if (timedOut > 0) { context.Record("version-timeouts", timedOut); }
        var due = _flights.Find(f => !f.IsAnswered && f.DueAt <= now);
        again = due?.Update;
        if (due is not null)
        {
            due.SendAgain(now, options.Longer(due.Delay));
            _answers.Expect(due.Delay);
            context.Record("updates-resent");
            _unanswered++;
        }

        if (!_question.TryAsk(now)) { return timedOut > 0; }
        _unanswered++;
        return true;
    }

    private bool IsHeld(ModelVersion needed) => _version is { } held ? needed <= held : needed.Version <= initial;

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>A new epoch loses what the earlier aggregator held; unanswered updates go to the new one.</summary>
    private void Meet(long aggregator)
    {
        if (aggregator <= _aggregator) { return; }
        var isFirst = _aggregator is null;
        _aggregator = aggregator;
        if (isFirst) { return; }
        context.Record("aggregator-restarts");
        Lose();
    }

    private void Lose()
    {
        context.Record("updates-lost", _held.Count);
        _held.Clear();
        context.Gauge("updates-held", 0);
        Resend();
    }

    /// <summary>State older than the aggregator's: skips to an unused number. Updates too old for receipts count as unknown.</summary>
    private void PassOver(long newest)
    {
        context.Record("numbers-passed-over", newest - numbers.Last);
        var unknown = _flights.RemoveAll(f => f.Update is { Sequence: var sequence } && sequence <= newest - Receipt.MaxFates);
        context.Record("updates-unknown", unknown);
        numbers.PassOver(newest);
    }

    /// <summary>If two receipts in a row omit one, the aggregator resumed from an older state. Two, because receipts may be late.</summary>
    private void LookForLost(Receipt receipt)
    {
        if (receipt.Fates is not [{ Fingerprint: not 0, Sequence: var newest }, ..]) { return; }      // it is about one update
        _unlisted.RemoveWhere(s => !_held.Contains(s) || receipt.FateOf(s) is not null);
        var lost = _held.RemoveWhere(s => s > newest - Receipt.MaxFates && receipt.FateOf(s) is null && !_unlisted.Add(s));
        if (lost == 0) { return; }
        context.Record("updates-lost", lost);
        context.Gauge("updates-held", _held.Count);
    }

    private void Note(in UpdateFate fate, ModelVersion newest)
    {
        var sequence = fate.Sequence;
        var flight = _flights.Find(f => f.Update?.Sequence == sequence);
        var wasHeld = flight is null && _held.Contains(sequence);
        if (flight is null && !wasHeld) { return; }
        if (flight?.Update is { } update)
        {
            if (fate.Fingerprint != 0 && fate.Fingerprint != update.Fingerprint)
            {
                context.Record("updates-renumbered");
                flight.Renumber(numbers.Next(), context.Now, _answers.Patience);
                return;
            }

            var learnedFrom = new ModelVersion(update.BaseEpoch, update.BaseVersion);
            HoldsUnknown |= learnedFrom == _version && learnedFrom.Epoch == newest.Epoch && learnedFrom > newest;
            if (flight.WasResent) { _answers.MeasureLate(); }
            else { _answers.Measure(context.Now - flight.LastSentAt); }
            flight.Answer(newest, context.Now + options.VersionTimeout);
            context.Record("updates-answered");
        }

        if (fate.Outcome == UpdateOutcome.Held) { _held.Add(sequence); }
        else
        {
            _held.Remove(sequence);
            context.Record(fate.Outcome == UpdateOutcome.Applied ? "updates-applied" : "updates-refused");
            if (fate is { Outcome: UpdateOutcome.Refused, Reason: { } reason }) { _refused.Count(reason); }
        }

        context.Gauge("updates-held", _held.Count);
    }
}
