using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>
/// What a training block tells its aggregator: updates under their sequence numbers, each remembered until it is answered where there are
/// receipts, and what it holds and waits for.
/// </summary>
internal sealed class Uplink(
    OperatorContext context, MessageNumbers numbers, NewestModel newest, IOutput<WeightDelta> deltas, IOutput<Presence>? presences,
    UpdateCredit? credit)
{
    private bool _greeted;
    private DateTimeOffset? _lacksCreditSince;
    private TimeSpan _creditWait;           // before the round at hand

    internal void State(ref StateStream s)
    {
        s.Value(ref _greeted);
        s.ClockTime(ref _lacksCreditSince);
        s.Value(ref _creditWait);
    }

    /// <summary>Says hello, once.</summary>
    internal void Greet()
    {
        if (_greeted || presences is null) { return; }
        _greeted = true;
        Say(PresenceKind.Hello);
    }

    /// <summary>Says what it holds.</summary>
    internal void Say(PresenceKind kind) => Say(kind, newest.Held);

    /// <summary>Tells an aggregator that speaks though a later one is followed. Only who knows that can call the device back, and what was
    /// said before may not have reached it.</summary>
    internal void AnswerEarlier() => Say(PresenceKind.Holding, credit!.Followed);

    /// <summary>Gives the newest version back to an aggregator that has lost it.</summary>
    internal void Offer() => Say(PresenceKind.Holding, newest.Held, newest.Weights);

    /// <summary>Says that it holds the newest version.</summary>
    internal void Hold()
    {
        if (credit is null) { return; }
        credit.Hold(newest.Weights.Id);
        Say(PresenceKind.Holding);
    }

    /// <summary>Sends an update, and remembers it until it is answered.</summary>
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

    /// <summary>Sends again what is due, and asks for what is missing.</summary>
    internal bool Resend()
    {
        if (credit!.Advance(out var again)) { Say(PresenceKind.Waiting); }
        if (again is not null) { deltas.Emit(again with { Held = newest.Held, IsResent = true }); }
        return again is null;
    }

    /// <summary>Notes that a step has to wait for credit.</summary>
    internal void BeginWait() => _lacksCreditSince ??= context.Now;

    /// <summary>Counts the wait for credit. False if there was none.</summary>
    internal bool EndWait()
    {
        if (_lacksCreditSince is not { } since) { return false; }
        var waited = context.Now - since;
        (_lacksCreditSince, _creditWait) = (null, _creditWait + waited);
        context.Record("credit-wait-ms", (long)waited.TotalMilliseconds);
        return true;
    }

    /// <summary>Asks to be woken when an answer is overdue.</summary>
    internal void Wake()
    {
        if (credit?.NextAt is { } next) { context.WakeAt(next); }
    }

    /// <summary>Says that it holds a version, and may give it back.</summary>
    internal void Say(PresenceKind kind, ModelVersion? held, Weights? offer = null) =>
        presences!.Emit(new() { Device = context.Pipeline, Epoch = numbers.Epoch, Kind = kind, Held = held, Offer = offer });
}
