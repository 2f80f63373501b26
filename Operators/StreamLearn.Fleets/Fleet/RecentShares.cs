namespace StreamLearn.Fleets;

/// <summary>What a device has brought to the updates that were accepted lately.</summary>
internal struct RecentShare
{
    internal double Weight { get; set; }

    internal double Count { get; set; }

    /// <summary>When the updates that were accepted would all have come at a pace that leaves the others' updates fresh.</summary>
    internal DateTimeOffset? Due { get; set; }

    internal void State(ref StateStream s) => (Weight, Count, Due) = (s.Value(Weight), s.Value(Count), s.ClockTime(Due));
}

/// <summary>What all devices have brought to about the last 64 updates that were accepted: each counts by a 65th more than the one before
/// it.</summary>
internal sealed class RecentShares
{
    private const double Growth = 1 + (1.0 / 64);
    private const double MostUnit = 1e100;

    /// <summary>Updates of a device that count whatever the others have sent.</summary>
    private const int Grace = 8;

    /// <summary>Updates of a device, against those of all others, from which on it floods the fleet.</summary>
    private const int Flooding = 2;

    private double _unit = 1;
    private double _weight;
    private double _count;

    internal void State(ref StateStream s)
    {
        s.Value(ref _unit);
        s.Value(ref _weight);
        s.Value(ref _count);
    }

    /// <summary>True if a device has brought twice as many updates as all the others, and more than a few.</summary>
    internal bool IsFlood(in RecentShare share) => share.Count > Flooding * Math.Max(_count - share.Count, Grace * _unit);

    /// <summary>What an update may weigh at most, so that its device's weight is no more than a share of all.</summary>
    internal double Allowed(in RecentShare share, double weight, double most) =>
        Math.Max(0, Math.Max((_weight - share.Weight) * most / (1 - most) / _unit, Grace * weight) - (share.Weight / _unit));

    /// <summary>Counts an accepted update.</summary>
    internal bool Add(ref RecentShare share, double weight)
    {
        _unit *= Growth;
        (share.Weight, share.Count) = (share.Weight + (weight * _unit), share.Count + _unit);
        (_weight, _count) = (_weight + (weight * _unit), _count + _unit);
        return _unit < MostUnit;
    }

    /// <summary>Divides the sums by the unit.</summary>
    internal double Shrink()
    {
        var unit = _unit;
        (_weight, _count, _unit) = (_weight / unit, _count / unit, 1);
        return unit;
    }
}
