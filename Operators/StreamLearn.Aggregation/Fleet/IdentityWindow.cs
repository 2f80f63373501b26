using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>The last numbers of a device's updates that have been seen, and what has become of them.</summary>
internal sealed class IdentityWindow
{
    internal const long Bytes = 24L * Receipt.MaxFates;

    private UpdateFate[] _fates = [];       // by sequence % length; a sequence of 0 is none
    private long _newest;

    /// <summary>Takes note of a number.</summary>
    /// <returns>Why it is not a new one, or null: <c>duplicate</c>, or <c>identity</c> if it is too far back to tell.</returns>
    internal string? Admit(long sequence)
    {
        if (sequence <= 0) { return "identity"; }
        if (_fates.Length == 0)
        {
            _fates = new UpdateFate[Receipt.MaxFates];
            _newest = sequence;
        }

        if (sequence <= _newest - Receipt.MaxFates) { return "identity"; }
        ref var place = ref PlaceOf(sequence);
        if (place.Sequence == sequence) { return "duplicate"; }
        place = new(sequence, UpdateOutcome.Held);
        _newest = Math.Max(_newest, sequence);
        return null;
    }

    /// <summary>Says what has become of an update, unless that is too long ago.</summary>
    internal void Decide(long sequence, UpdateOutcome outcome, string? reason = null)
    {
        if (_fates.Length == 0) { return; }
        ref var place = ref PlaceOf(sequence);
        if (place.Sequence == sequence) { place = new(sequence, outcome, reason); }
    }

    /// <summary>Forgets all: the device has started anew.</summary>
    internal void Clear()
    {
        Array.Clear(_fates);
        _newest = long.MinValue + Receipt.MaxFates;
    }

    /// <summary>What has become of the last numbers, newest first.</summary>
    internal ImmutableArray<UpdateFate> Fates()
    {
        var count = 0;
        foreach (var fate in _fates) { count += IsRecent(fate) ? 1 : 0; }
        var fates = new UpdateFate[count];
        for (long back = 0, at = 0; at < count; back++)
        {
            if (PlaceOf(_newest - back) is var fate && fate.Sequence == _newest - back) { fates[at++] = fate; }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(fates);
    }

    private bool IsRecent(in UpdateFate fate) => fate.Sequence > 0 && fate.Sequence > _newest - Receipt.MaxFates;

    private ref UpdateFate PlaceOf(long sequence) => ref _fates[(int)(sequence & (Receipt.MaxFates - 1))];
}
