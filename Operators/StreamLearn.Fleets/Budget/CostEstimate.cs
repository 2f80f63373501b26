namespace StreamLearn.Fleets;

/// <summary>Expected use of a resource: c for a local step on all devices, b for an aggregation.</summary>
internal readonly record struct RoundCost(double Step, double Aggregation)
{
    public double Of(int steps) => (Step * steps) + Aggregation;
}

/// <summary>The past and the expected use of a resource by rounds; an immutable value.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019, which uses the last measurement. Mean and deviation are this library's.</remarks>
internal readonly record struct CostEstimate
{
    private const double Spreads = 2;

    private Spread Step { get; init; }

    private Spread Aggregation { get; init; }

    /// <summary>Use in the last round; zeros before the first.</summary>
    public RoundCost Last => new(Step.Last, Aggregation.Last);

    public RoundCost Careful => new(Step.Bound(Spreads), Aggregation.Bound(Spreads));

    public CostEstimate With(int steps, double local, double whole)
    {
        Check(steps, local, whole);
        return new() { Step = Step.With(local / steps), Aggregation = Aggregation.With(Math.Max(0, whole - local)) };
    }

    internal CostEstimate State(ref StateStream s) => new() { Step = Step.State(ref s), Aggregation = Aggregation.State(ref s) };

    internal static void Check(int steps, double local, double whole)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        CheckUse(local, nameof(local));
        CheckUse(whole, nameof(whole));
    }

    private static void CheckUse(double use, string name)
    {
        if (!(use >= 0 && double.IsFinite(use))) { throw new ArgumentOutOfRangeException(name, use, "expected a number of 0 or more"); }
    }

    /// <summary>Running mean and squares (Welford).</summary>
    private readonly record struct Spread(long Count, double Last, double Mean, double Squares)
    {
        internal Spread With(double value)
        {
            var mean = Mean + ((value - Mean) / (Count + 1));
            return new(Count + 1, value, mean, Squares + ((value - Mean) * (value - mean)));
        }

        internal Spread State(ref StateStream s) => new(s.Value(Count), s.Value(Last), s.Value(Mean), s.Value(Squares));

        internal double Bound(double spreads) => Mean + (Count < 2 ? 0 : spreads * Math.Sqrt(Squares / (Count - 1)));
    }
}
