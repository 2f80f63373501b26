namespace StreamLearn.Nodes;

/// <summary>Rates, prices and weights of task offloading. A value.</summary>
public sealed record OffloadSettings
{
    /// <summary>Maximum number of queued tasks, at least 1; default 4. Further tasks are dropped.</summary>
    public int MaxTasks { get; init => field = AtLeast(1, value); } = 4;

    /// <summary>Maximum stored energy units, at least 1; default 4.</summary>
    public int MaxEnergy { get; init => field = AtLeast(1, value); } = 4;

    /// <summary>Probability of an arrival per slot, 0 to 1; default 0.5.</summary>
    public double Arrivals { get; init => field = Chance(value); } = 0.5;

    /// <summary>Mean energy units arriving per slot, Poisson distributed, 0 or more; default 1.</summary>
    public double EnergyArrivals { get; init => field = NotNegative(value); } = 1;

    /// <summary>Slots that a task needs on the device with one energy unit; n units need 1/√n of them. Above 0; default 1.3.</summary>
    public double LocalSlots { get; init => field = Positive(value); } = 1.3;

    /// <summary>Slots that the upload of a task needs at 1 bit per second and hertz; above 0; default 0.9.</summary>
    public double UploadSlots { get; init => field = Positive(value); } = 0.9;

    /// <summary>Signal-to-noise ratio of each link class with one energy unit; n units give the rate log2(1 + n · ratio). At least one,
    /// each above 0; default 0.4 and 3.</summary>
    public ImmutableArray<double> SignalToNoise { get; init => field = Each(value, Positive); } = [0.4, 3];

    /// <summary>Probability that a link keeps its class in a slot; the other classes share the rest. 0 to 1; default 0.7.</summary>
    public double LinkStays { get; init => field = Chance(value); } = 0.7;

    /// <summary>Slots that a change of station takes, 0 or more; default 0.4.</summary>
    public double HandoverSlots { get; init => field = NotNegative(value); } = 0.4;

    /// <summary>Upload price per slot of each station; at least one, each 0 or more; default 0.5 and 1.5.</summary>
    public ImmutableArray<double> Prices { get; init => field = Each(value, NotNegative); } = [0.5, 1.5];

    /// <summary>Cost of a delay of one slot; 0 or more; default 1.</summary>
    public double DelayWeight { get; init => field = NotNegative(value); } = 1;

    /// <summary>Cost of a dropped task; 0 or more; default 15.</summary>
    public double DropWeight { get; init => field = NotNegative(value); } = 15;

    /// <summary>Cost per task that stays queued; 0 or more; default 1.</summary>
    public double QueueWeight { get; init => field = NotNegative(value); } = 1;

    /// <summary>Cost of an attempt longer than the slot; 0 or more; default 3.</summary>
    public double FailureWeight { get; init => field = NotNegative(value); } = 3;

    /// <summary>Cost per unit of price; 0 or more; default 1.</summary>
    public double PaymentWeight { get; init => field = NotNegative(value); } = 1;

    /// <inheritdoc />
    public bool Equals(OffloadSettings? other) =>
        other is not null && SignalToNoise.AsSpan().SequenceEqual(other.SignalToNoise.AsSpan())
        && Prices.AsSpan().SequenceEqual(other.Prices.AsSpan())
        && (MaxTasks, MaxEnergy, Arrivals, EnergyArrivals) == (other.MaxTasks, other.MaxEnergy, other.Arrivals, other.EnergyArrivals)
        && (LocalSlots, UploadSlots, LinkStays, HandoverSlots)
            == (other.LocalSlots, other.UploadSlots, other.LinkStays, other.HandoverSlots)
        && (DelayWeight, DropWeight, QueueWeight, FailureWeight, PaymentWeight)
            == (other.DelayWeight, other.DropWeight, other.QueueWeight, other.FailureWeight, other.PaymentWeight);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(MaxTasks, MaxEnergy, Arrivals, EnergyArrivals, Prices.Length, DropWeight);

    private static int AtLeast(int least, int value) =>
        value >= least ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"expected at least {least}");

    private static double Chance(double value) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected 0 to 1");

    private static double NotNegative(double value) => value is >= 0 and < double.PositiveInfinity
        ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected 0 or more");

    private static double Positive(double value) => value is > 0 and < double.PositiveInfinity
        ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected above 0");

    private static ImmutableArray<double> Each(ImmutableArray<double> values, Func<double, double> check)
    {
        if (values.IsDefaultOrEmpty) { throw new ArgumentException("expected at least one value, got none", nameof(values)); }
        foreach (var value in values) { check(value); }
        return values;
    }
}
