namespace StreamLearn.Fleets;

internal sealed record UtilityCohort(int Count) : Cohort
{
    public double Explore { get; init; } = 0.9;
    public double ExploreDecay { get; init; } = 0.98;
    public double ExploreLeast { get; init; } = 0.2;
    public double Alpha { get; init; } = 2;
    public double CutOff { get; init; } = 0.95;
    public int Window { get; init; } = 20;
    public double Quantile { get; init; } = 0.3;
    public double QuantileStep { get; init; } = 0.02;

    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        new UtilitySelection(this, fleet.Memory).Choose(fleet, random, cohort);

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
