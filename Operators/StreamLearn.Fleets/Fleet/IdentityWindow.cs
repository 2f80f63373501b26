using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed class IdentityWindow
{
    internal const long Bytes = 24L * Receipt.MaxFates;

    private const long MaxMissing = 1 << 20;       // a device that lost a checkpoint may skip more numbers

    private UpdateFate[] _fates = [];       // at sequence % length; sequence 0: unused
    private long _newest;
    private bool _isResumed;
    private (long From, long To, long Left) _gap;       // numbers that a newer state may know

    internal void State(ref StateStream s)
    {
        var left = s.Value(CountRecent(), 0, Receipt.MaxFates);
        _gap = (s.Value(_gap.From), s.Value(_gap.To), s.Value(_gap.Left));
        for (var back = 0; s.IsWriting && back < _fates.Length; back++)
        {
            ref readonly var fate = ref PlaceOf(_newest - back);
            if (fate.Sequence == _newest - back && IsRecent(fate)) { State(ref s, fate); }
        }

        for (; s.IsReading && left > 0; left--)
        {
            var fate = State(ref s, default);
            if (Admit(fate.Sequence, fate.Fingerprint) is not null)
            {
                throw new StateException($"expected a new number, got {fate.Sequence}");
            }

            Decide(fate.Sequence, fate.Outcome, fate.Reason);
        }

        if (s.Format != ServerState.BeforeLeftOut) { s.Value(ref _isResumed); }
    }

    /// <summary>The next number may follow ones that a newer state knew.</summary>
    internal void Resume() => _isResumed = CountRecent() > 0;

    private static UpdateFate State(ref StateStream s, in UpdateFate fate)
    {
        var (sequence, outcome) = (s.Value(fate.Sequence), (UpdateOutcome)s.Value((int)fate.Outcome, 0, (int)UpdateOutcome.Refused));
        var reason = outcome == UpdateOutcome.Refused ? s.Value(fate.Reason ?? "") : null;
        return new(sequence, outcome, reason, (uint)s.Value((int)fate.Fingerprint));
    }

    internal UpdateRefusal? Admit(long sequence, uint fingerprint = 0)
    {
        if (sequence is <= 0 or > Plausible.MaxNumber) { return UpdateRefusal.Identity; }
        if (_fates.Length == 0)
        {
            _fates = new UpdateFate[Receipt.MaxFates];
            _newest = sequence;
        }

        if (sequence <= _newest - Receipt.MaxFates) { return UpdateRefusal.Identity; }
        if (_isResumed && sequence > _newest)
        {
            if (sequence - _newest is > 1 and < MaxMissing) { _gap = (_newest + 1, sequence, sequence - _newest - 1); }
            _isResumed = false;
        }

        ref var place = ref PlaceOf(sequence);
        if (place.Sequence == sequence) { return place.Fingerprint == fingerprint ? UpdateRefusal.Duplicate : UpdateRefusal.NumberTwice; }
        place = new(sequence, UpdateOutcome.Held, null, fingerprint);
        if (sequence >= _gap.From && sequence < _gap.To) { _gap.Left--; }
        _newest = Math.Max(_newest, sequence);
        return null;
    }

    /// <summary>Records the outcome of an update; ignored for numbers too far back.</summary>
    internal void Decide(long sequence, UpdateOutcome outcome, string? reason = null)
    {
        if (_fates.Length == 0) { return; }
        ref var place = ref PlaceOf(sequence);
        if (place.Sequence == sequence) { place = place with { Outcome = outcome, Reason = reason }; }
    }

    /// <summary>Counts, once, the numbers between the resumed state and the first update since, which a newer state knew.</summary>
    internal long TakeMissing()
    {
        if (_gap.Left == 0 || _newest < _gap.To + Receipt.MaxFates - 1) { return 0; }
        var missing = _gap.Left;
        _gap = default;
        return missing;
    }

    internal void Clear()
    {
        Array.Clear(_fates);
        (_isResumed, _gap) = (false, default);
        _newest = long.MinValue + Receipt.MaxFates;
    }

    internal bool HasHeld => Array.Exists(_fates, static f => f is { Sequence: > 0, Outcome: UpdateOutcome.Held });

    /// <summary>Returns the outcomes, newest first.</summary>
    internal ImmutableArray<UpdateFate> Fates()
    {
        var fates = new UpdateFate[CountRecent()];
        for (long back = 0, at = 0; at < fates.Length; back++)
        {
            if (PlaceOf(_newest - back) is var fate && fate.Sequence == _newest - back) { fates[at++] = fate; }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(fates);
    }

    private int CountRecent()
    {
        var count = 0;
        foreach (ref readonly var fate in _fates.AsSpan()) { count += IsRecent(fate) ? 1 : 0; }
        return count;
    }

    private bool IsRecent(in UpdateFate fate) => fate.Sequence > 0 && fate.Sequence > _newest - Receipt.MaxFates;

    private ref UpdateFate PlaceOf(long sequence) => ref _fates[(int)(sequence & (Receipt.MaxFates - 1))];
}
