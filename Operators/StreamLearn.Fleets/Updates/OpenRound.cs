using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>What has happened in the open round: updates that wait for its end, those that went in, and those that were refused.</summary>
internal sealed partial class OpenRound(int maxHeld)
{
    /// <summary>Contributions and refusals that a round lists at most, of each.</summary>
    internal const int MaxListed = 4096;

    /// <summary>Updates of a rule that streams which wait for the end of the first rounds, until norms are known.</summary>
    internal const int HeldAtFirst = 16;

    private readonly ImmutableArray<Contribution>.Builder _contributions = ImmutableArray.CreateBuilder<Contribution>();
    private readonly ImmutableArray<RefusedUpdate>.Builder _refusals = ImmutableArray.CreateBuilder<RefusedUpdate>();

    private readonly Dictionary<string, double> _weights = new(StringComparer.Ordinal);     // what each device has put in

    private Member? _sole;          // of whom it has updates
    private bool _isMixed;          // it has updates of several, or lost one

    internal static long ListBytes => 2L * MaxListed * (128 + (4 * WeightDelta.MaxDeviceBytes));

    internal List<HeldUpdate> Held { get; } = [];

    /// <summary>The updates of a round that is steered, without their values; else empty.</summary>
    internal List<SteeredUpdate> Steered { get; } = [];

    /// <summary>Bytes of updates that were refused, if the round is steered.</summary>
    internal long RefusedBytes { get; set; }

    /// <summary>Updates accepted.</summary>
    internal int Updates { get; private set; }

    /// <summary>True until the first version has been made.</summary>
    internal bool IsFirst { get; set; } = true;

    /// <summary>The one device that all updates are from; null if there is none, or more.</summary>
    internal Member? Sole => _isMixed ? null : _sole;

    /// <summary>When the round began; null before the first message.</summary>
    internal DateTimeOffset? StartedAt { get; set; }

    /// <summary>Holds an update until the round ends. <paramref name="shares"/> true: where it is half full, no device gets more than a
    /// quarter of the space.</summary>
    internal bool Hold(in HeldUpdate update, bool shares = false)
    {
        if (Held.Count == maxHeld) { return false; }
        if (shares && Held.Count >= maxHeld / 2 && HeldOf(update.Update.Device) >= Math.Max(1, maxHeld / 4)) { return false; }
        Held.Add(update);
        return true;
    }

    private int HeldOf(string device)
    {
        var count = 0;
        foreach (var held in Held) { count += held.Update.Device == device ? 1 : 0; }
        return count;
    }

    /// <summary>An update of a device has been accepted.</summary>
    internal void Accepted(Member member)
    {
        Updates++;
        _isMixed |= _sole is not null && _sole != member;
        _sole = member;
    }

    /// <summary>An update that had been accepted turns out to be none.</summary>
    internal void Withdraw(WeightDelta update)
    {
        Steered.RemoveAll(s => s.Update.Device == update.Device && s.Update.Epoch == update.Epoch && s.Update.Sequence == update.Sequence);
        Updates--;
        _isMixed = true;
    }

    /// <summary>What rules see of the round.</summary>
    internal RoundView View(Fleet fleet, long version, DateTimeOffset now) => new()
    {
        Version = version,
        First = IsFirst,
        Updates = Updates,
        Devices = fleet.Reported,
        Contributors = fleet.Contributors,
        Invited = fleet.Invited,
        Alive = fleet.Ready.Count,
        Known = fleet.Known,
        Elapsed = now - (StartedAt ?? now),
        Predicted = fleet.Predicted,
    };

    internal void Contribute(in HeldUpdate held, long version)
    {
        if (_contributions.Count == MaxListed) { return; }
        var (update, weight, norm) = held;
        _contributions.Add(new(update.Device, update.Epoch, update.Sequence, update.BaseVersion, version - update.BaseVersion, weight,
            update.Samples, norm, held.IsCapped));
    }

    internal void Refuse(string device, long epoch, long sequence, string reason)
    {
        if (_refusals.Count < MaxListed) { _refusals.Add(new(device, epoch, sequence, reason)); }
    }

    /// <summary>Refuses what has been taken in: the round is void.</summary>
    internal void Void()
    {
        foreach (var update in _contributions) { Refuse(update.Device, update.Epoch, update.Sequence, "void-round"); }
        _contributions.Clear();
        foreach (var (update, _, _) in Held) { Refuse(update.Device, update.Epoch, update.Sequence, "void-round"); }
    }

    /// <summary>
    /// How many devices went in: of n that weigh the same n, down to 1 where one outweighs the others; 0 of a void round. Of the updates
    /// that are listed. <paramref name="weighs"/> false: what they weigh does not enter. Source: Kish (1965), Survey sampling, effective
    /// sample size.
    /// </summary>
    internal double EffectiveDevices(bool weighs)
    {
        _weights.Clear();
        for (var i = 0; i < _contributions.Count; i++)      // its enumerator would be allocated
        {
            var contribution = _contributions[i];
            CollectionsMarshal.GetValueRefOrAddDefault(_weights, contribution.Device, out _) += contribution.Weight;
        }

        if (!weighs) { return _weights.Count; }

        double sum = 0, squares = 0;
        foreach (var weight in _weights.Values) { (sum, squares) = (sum + weight, squares + (weight * weight)); }
        return squares > 0 && double.IsFinite(squares) ? Math.Max(1, sum * sum / squares) : _weights.Count;
    }

    /// <summary>Ends the round and begins the next.</summary>
    internal Round End(Weights made, Weights inUse, int missing, ImmutableArray<Straggler> stragglers, DateTimeOffset now)
    {
        var round = new Round
        {
            Made = made,
            Averaged = inUse,
            Contributions = _contributions.DrainToImmutable(),
            Refusals = _refusals.DrainToImmutable(),
            Stragglers = stragglers,
            Missing = missing,
            StartedAt = StartedAt ?? now,
            Ended = now,
        };
        Held.Clear();
        Steered.Clear();
        RefusedBytes = 0;
        (Updates, StartedAt, IsFirst) = (0, now, false);
        (_sole, _isMixed) = (null, false);
        return round;
    }
}
