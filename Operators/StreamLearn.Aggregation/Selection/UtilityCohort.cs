namespace StreamLearn.Aggregation;

/// <summary>
/// Devices from which most is to be learned in the least time, and some of those not tried yet.
/// </summary>
/// <remarks>
/// Utility of device i in round K: (samples · loss / most + √(0.1·ln K / last round)) · (T / tᵢ)^(α where tᵢ is above T): samples and mean
/// loss of its last update, against the 95 % quantile of the fleet, above which a device gains nothing; the round it was last in; its
/// latency tᵢ. T is a quantile of the latencies that rises when the samples · loss of those chosen fall from one window of rounds to the
/// next. Source: Lai et al. (2021), Oort, algorithm 1; the mean loss stands for the root of the mean square, which updates do not carry; T
/// as a quantile is a choice of this library.
/// </remarks>
/// <param name="Count">Devices, at least 1.</param>
public sealed record UtilityCohort(int Count) : Cohort
{
    /// <summary>Share of devices not tried yet in the first round, 0 to 1; default 0.9.</summary>
    public double Explore { get; init; } = 0.9;

    /// <summary>What remains of that share with each round, above 0, at most 1; default 0.98.</summary>
    public double ExploreDecay { get; init; } = 0.98;

    /// <summary>The least share, 0 to 1; default 0.2.</summary>
    public double ExploreLeast { get; init; } = 0.2;

    /// <summary>How much slowness counts against a device, α, 0 or more; default 2.</summary>
    public double Alpha { get; init; } = 2;

    /// <summary>Devices are drawn from those above this share of the utility of the last that would be chosen, above 0, at most 1; default
    /// 0.95.</summary>
    public double CutOff { get; init; } = 0.95;

    /// <summary>Rounds whose utility is compared with that of as many before, at least 1; default 20.</summary>
    public int Window { get; init; } = 20;

    /// <summary>Quantile of the latencies that is preferred at first, above 0, at most 1; default 0.3.</summary>
    public double Quantile { get; init; } = 0.3;

    /// <summary>By how much the quantile rises, 0 to 1; default 0.02.</summary>
    public double QuantileStep { get; init; } = 0.02;

    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        new UtilitySelection(this, fleet.Memory).Choose(fleet, random, cohort);

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Window, 1);
        CheckShare(ExploreDecay, nameof(ExploreDecay));
        CheckShare(CutOff, nameof(CutOff));
        CheckShare(Quantile, nameof(Quantile));
        CheckRange(Explore, 1, nameof(Explore));
        CheckRange(ExploreLeast, 1, nameof(ExploreLeast));
        CheckRange(QuantileStep, 1, nameof(QuantileStep));
        CheckRange(Alpha, double.MaxValue, nameof(Alpha));
    }

    private static void CheckRange(double value, double most, string name)
    {
        if (!(value >= 0 && value <= most)) { throw new ArgumentOutOfRangeException(name, value, $"expected 0 to {most}"); }
    }
}
