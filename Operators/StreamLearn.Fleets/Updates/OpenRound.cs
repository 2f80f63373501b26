using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed partial class OpenRound(int maxHeld)
{
    internal const int MaxListed = 4096;

    /// <summary>Updates held in the first rounds, until norms are known.</summary>
    internal const int HeldAtFirst = 16;

    private readonly ImmutableArray<Contribution>.Builder _contributions = ImmutableArray.CreateBuilder<Contribution>();
    private readonly ImmutableArray<RefusedUpdate>.Builder _refusals = ImmutableArray.CreateBuilder<RefusedUpdate>();

    private readonly Dictionary<string, double> _weights = new(StringComparer.Ordinal);     // weight by device

    private Member? _sole;          // the only device with updates
    private bool _isMixed;          // true if it has updates from several devices, or lost one

    internal static long ListBytes => 2L * MaxListed * (128 + (4 * DeviceName.MaxBytes));

    internal List<HeldUpdate> Held { get; } = [];

    /// <summary>Updates without values; empty if rounds are not steered.</summary>
    internal List<(WeightDelta Update, long Bytes)> Steered { get; } = [];

    /// <summary>Bytes of refused updates; counted only if steered.</summary>
    internal long RefusedBytes { get; set; }

    internal int Updates { get; private set; }

    internal bool IsFirst { get; set; } = true;

    /// <summary>Sender of all updates; null: none or several.</summary>
    internal Member? Sole => _isMixed ? null : _sole;

    /// <summary>When the round started; null before the first message.</summary>
    internal DateTimeOffset? StartedAt { get; set; }

    /// <summary>When devices could last not be reached; null: not in this round.</summary>
    internal DateTimeOffset? ReachedFrom { get; set; }

    /// <summary>From when it waits for devices; null before the first message.</summary>
    internal DateTimeOffset? WaitsFrom => ReachedFrom > StartedAt ? ReachedFrom : StartedAt;

    /// <summary><paramref name="shares"/>: true: when half the space is used, a device gets at most a quarter of it.</summary>
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

    internal void Accepted(Member member)
    {
        Updates++;
        _isMixed |= _sole is not null && _sole != member;
        _sole = member;
    }

    internal void Withdraw(WeightDelta update)
    {
        Steered.RemoveAll(s => s.Update.Device == update.Device && s.Update.Epoch == update.Epoch && s.Update.Sequence == update.Sequence);
        Updates--;
        _isMixed = true;
    }

    internal RoundView View(Fleet fleet, long version, DateTimeOffset now) => new()
    {
        Version = version,
        First = IsFirst,
        Updates = Updates,
        Devices = fleet.Invitations.Reported,
        Contributors = fleet.Invitations.Contributors,
        Invited = fleet.Invitations.Invited,
        Alive = fleet.Ready.Count,
        Known = fleet.Known,
        Elapsed = now - (StartedAt ?? now),
        Predicted = fleet.Invitations.Predicted,
    };

    internal void Contribute(in HeldUpdate held, long version)
    {
        if (_contributions.Count == MaxListed) { return; }
        var (update, weight, norm) = held;
        _contributions.Add(new(update.Device, update.Epoch, update.Sequence, update.BaseVersion, version - update.BaseVersion, weight,
            update.Samples, norm, held.IsCapped));
    }

    internal void Refuse(string device, long epoch, long sequence, UpdateRefusal reason)
    {
        if (_refusals.Count < MaxListed) { _refusals.Add(new(device, epoch, sequence, reason.Text())); }
    }

    internal void Void()
    {
        foreach (var update in _contributions) { Refuse(update.Device, update.Epoch, update.Sequence, UpdateRefusal.VoidRound); }
        _contributions.Clear();
        foreach (var (update, _, _) in Held) { Refuse(update.Device, update.Epoch, update.Sequence, UpdateRefusal.VoidRound); }
    }

    /// <summary>Returns n for n equal weights, down to 1 if one dominates; 0 if void (without a change). Source: Kish (1965), Survey
    /// sampling, effective sample size.</summary>
    internal double EffectiveDevices(bool weighs)
    {
        _weights.Clear();
        for (var i = 0; i < _contributions.Count; i++)      // avoids allocating an enumerator
        {
            var contribution = _contributions[i];
            CollectionsMarshal.GetValueRefOrAddDefault(_weights, contribution.Device, out _) += contribution.Weight;
        }

        if (!weighs) { return _weights.Count; }

        double sum = 0, squares = 0;
        foreach (var weight in _weights.Values) { (sum, squares) = (sum + weight, squares + (weight * weight)); }
        return squares > 0 && double.IsFinite(squares) ? Math.Max(1, sum * sum / squares) : _weights.Count;
    }

    internal Round End(Weights made, Weights inUse, int missing,
        ImmutableArray<(string Device, double Score, string Reason)> stragglers, DateTimeOffset now)
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
        (Updates, StartedAt, ReachedFrom, IsFirst) = (0, now, null, false);
        (_sole, _isMixed) = (null, false);
        return round;
    }
}
