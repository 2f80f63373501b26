using System.Collections.Frozen;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace Aggregator;

/// <summary>Which updates of a device's start have been counted as refused: a receipt tells again what earlier ones told, and a round
/// tells of it once more.</summary>
internal sealed class FateWindow
{
    /// <summary>Why an update is refused before its start is looked at, which may be any: receipts tell of it once, when it comes, and
    /// rounds again.</summary>
    private static readonly FrozenSet<string> Outside =
        FrozenSet.Create(StringComparer.Ordinal, "fenced", "implausible-epoch", "quarantined", "two-programs");

    /// <summary>The reason of a message that is another device's: rounds alone tell of it.</summary>
    private const string NotItsTopic = "not-its-topic";

    private long _epoch = long.MinValue;
    private long _newest;
    private ulong _counted;     // bit n: the update n numbers before the newest

    /// <summary>Takes in a receipt.</summary>
    internal UpdateFate? Take(Receipt receipt, List<UpdateFate> refused)
    {
        if (receipt.Fates is [{ Reason: { } reason } outside] && Outside.Contains(reason))
        {
            refused.Add(outside);
            return outside;
        }

        if (receipt.Epoch < _epoch || receipt.Fates.IsEmpty) { return null; }
        foreach (var fate in receipt.Fates.Reverse())
        {
            // a copy of an update whose fate is forgotten is no update
            if (fate is { Outcome: UpdateOutcome.Refused, Reason: not "identity" } && IsNew(receipt.Epoch, fate.Sequence))
            {
                refused.Add(fate);
            }
        }

        return receipt.Fates[0];
    }

    /// <summary>True if no receipt and no round told of it before; false if it is so old that it is not known any more.</summary>
    internal bool Take(in RefusedUpdate refusal) => refusal.Reason == NotItsTopic
        || (!Outside.Contains(refusal.Reason) && IsNew(refusal.Epoch, refusal.Sequence));

    /// <summary>True if an update was made after all that were refused.</summary>
    internal bool IsPast(long epoch, long sequence) => epoch > _epoch || (epoch == _epoch && sequence > _newest);

    private bool IsNew(long epoch, long sequence)
    {
        if (epoch > _epoch) { (_epoch, _newest, _counted) = (epoch, sequence, 0); }
        if (epoch < _epoch) { return true; }        // only rounds tell of it, once
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

    /// <summary>Forgets all starts of the device.</summary>
    internal void Clear() => (_epoch, _newest, _counted) = (long.MinValue, 0, 0);
}
