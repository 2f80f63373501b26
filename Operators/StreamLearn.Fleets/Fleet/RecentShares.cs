namespace StreamLearn.Fleets;

internal struct RecentShare
{
    internal double Weight { get; set; }

    internal double Count { get; set; }

    /// <summary>When its accepted updates would have arrived, at a pace at which the others' updates stay fresh.</summary>
    internal DateTimeOffset? Due { get; set; }

    internal void State(ref StateStream s) => (Weight, Count, Due) = (s.Value(Weight), s.Value(Count), s.ClockTime(Due));
}

/// <summary>Shares in about the last 64 accepted updates: each weighs 1/65 more than the one before.</summary>
internal sealed class RecentShares
{
    private const double Growth = 1 + (1.0 / 64);
    private const double MaxUnit = 1e100;

    /// <summary>Updates per device that always count.</summary>
    private const int Grace = 8;

    /// <summary>Ratio to the updates of all others from which a device floods the fleet.</summary>
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

    internal bool IsFlood(in RecentShare share) => share.Count > Flooding * Math.Max(_count - share.Count, Grace * _unit);

    internal double Allowed(in RecentShare share, double weight, double most) =>
        Math.Max(0, Math.Max((_weight - share.Weight) * most / (1 - most) / _unit, Grace * weight) - (share.Weight / _unit));

    internal bool Add(ref RecentShare share, double weight)
    {
        _unit *= Growth;
        (share.Weight, share.Count) = (share.Weight + (weight * _unit), share.Count + _unit);
        (_weight, _count) = (_weight + (weight * _unit), _count + _unit);
        return _unit < MaxUnit;
    }

    internal double Shrink()
    {
        var unit = _unit;
        (_weight, _count, _unit) = (_weight / unit, _count / unit, 1);
        return unit;
    }
}
