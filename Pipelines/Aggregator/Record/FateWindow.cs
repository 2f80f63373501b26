using StreamLearn.Learning;

namespace Aggregator;

/// <summary>Counts each refused update once, although receipts repeat earlier ones and rounds report them again.</summary>
internal sealed class FateWindow
{
    /// <summary>Refusals decided before the start number is checked, which may then be arbitrary; receipts report them once and rounds
    /// again.</summary>
    private static bool IsOutside(UpdateRefusal? refusal) => refusal is UpdateRefusal.Fenced or UpdateRefusal.ImplausibleEpoch
        or UpdateRefusal.Quarantined or UpdateRefusal.TwoPrograms;

    private long _epoch = long.MinValue;
    private long _newest;
    private ulong _counted;     // bit n: the update whose number is n below the newest

    internal UpdateFate? Take(Receipt receipt, List<UpdateFate> refused)
    {
        if (receipt.Fates is [var outside] && IsOutside(RefusedUpdate.RefusalOf(outside.Reason)))
        {
            refused.Add(outside);
            return outside;
        }

        if (receipt.Epoch < _epoch || receipt.Fates.IsEmpty) { return null; }
        foreach (var fate in receipt.Fates.Reverse())
        {
            // a duplicate whose earlier outcome is no longer known is not an update
            if (fate.Outcome == UpdateOutcome.Refused && RefusedUpdate.RefusalOf(fate.Reason) != UpdateRefusal.Identity
                && IsNew(receipt.Epoch, fate.Sequence))
            {
                refused.Add(fate);
            }
        }

        return receipt.Fates[0];
    }

    /// <summary>Returns true if the update is not yet counted; false also if it is too old to tell.</summary>
    internal bool Take(in RefusedUpdate refusal) => refusal.Refusal == UpdateRefusal.NotItsTopic        // only rounds report these
        || (!IsOutside(refusal.Refusal) && IsNew(refusal.Epoch, refusal.Sequence));

    /// <summary>Returns true if the update is newer than every refused one.</summary>
    internal bool IsPast(long epoch, long sequence) => epoch > _epoch || (epoch == _epoch && sequence > _newest);

    private bool IsNew(long epoch, long sequence)
    {
        if (epoch > _epoch) { (_epoch, _newest, _counted) = (epoch, sequence, 0); }
        if (epoch < _epoch) { return true; }        // only rounds report these, once
        if (sequence > _newest)
        {
            var step = sequence - _newest;
            (_newest, _counted) = (sequence, step < Receipt.MaxFates ? _counted << (int)step : 0);
        }

        if (_newest - sequence >= Receipt.MaxFates) { return false; }
        var bit = 1UL << (int)(_newest - sequence);
        if ((_counted & bit) != 0) { return false; }
        _counted |= bit;
        return true;
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _epoch);
        s.Value(ref _newest);
        _counted = (ulong)s.Value((long)_counted);
    }

    internal void Clear() => (_epoch, _newest, _counted) = (long.MinValue, 0, 0);
}
