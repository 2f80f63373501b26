namespace StreamLearn.Learning;

/// <summary>Sends the messages of a training block to its aggregator; with receipts, keeps updates until they are answered.</summary>
internal sealed class Uplink(
    OperatorContext context, MessageNumbers numbers, NewestModel newest, IOutput<WeightDelta> deltas, IOutput<Presence>? presences,
    UpdateCredit? credit)
{
    private bool _greeted;
    private DateTimeOffset? _lacksCreditSince;
    private TimeSpan _creditWait;           // the wait before the current round

    internal void State(ref StateStream s)
    {
        s.Value(ref _greeted);
        s.ClockTime(ref _lacksCreditSince);
        s.Value(ref _creditWait);
    }

    internal void Greet()
    {
        if (_greeted || presences is null) { return; }
        _greeted = true;
        Say(PresenceKind.Hello);
    }

    internal void Say(PresenceKind kind) => Say(kind, newest.Held);

    /// <summary>Tells an earlier aggregator which one is followed: only then can it recall the device; messages may be lost.</summary>
    internal void AnswerEarlier() => Say(PresenceKind.Holding, credit!.Followed);

    /// <summary>Returns the newest version to an aggregator that lost it.</summary>
    internal void Offer() => Say(PresenceKind.Holding, newest.Held, newest.Weights);

    internal void Hold()
    {
        if (credit is null) { return; }
        credit.Hold(newest.Weights.Id);
        Say(PresenceKind.Holding);
    }

    internal void Send(WeightDelta update, bool isFree)
    {
        if (credit is null)
        {
            deltas.Emit(update);
            return;
        }

        var sent = update with { Held = newest.Held, CreditWait = _creditWait };
        _creditWait = default;
        deltas.Emit(sent);
        credit.Sent(sent, isFree);
    }

    internal bool Resend()
    {
        if (credit!.Advance(out var again)) { Say(PresenceKind.Waiting); }
        if (again is not null) { deltas.Emit(again with { Held = newest.Held, IsResent = true }); }
        return again is null;
    }

    internal void BeginWait() => _lacksCreditSince ??= context.Now;

    internal bool EndWait()
    {
        if (_lacksCreditSince is not { } since) { return false; }
        var waited = context.Now - since;
        (_lacksCreditSince, _creditWait) = (null, _creditWait + waited);
        context.Record("credit-wait-ms", (long)waited.TotalMilliseconds);
        return true;
    }

    internal void Wake()
    {
        if (credit?.NextAt is { } next) { context.WakeAt(next); }
    }

    internal void Say(PresenceKind kind, ModelVersion? held, Weights? offer = null) =>
        presences!.Emit(new() { Device = context.Pipeline, Epoch = numbers.Epoch, Kind = kind, Held = held, Offer = offer });
}
