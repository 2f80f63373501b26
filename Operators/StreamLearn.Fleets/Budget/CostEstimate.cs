namespace StreamLearn.Fleets;

/// <summary>What is expected of a resource: c for a local step of all devices, and b for an aggregation.</summary>
/// <param name="Step">c, in the unit of the resource; 0 or more.</param>
/// <param name="Aggregation">b, in the unit of the resource; 0 or more.</param>
public readonly record struct RoundCost(double Step, double Aggregation)
{
    /// <summary>What a round is expected to use.</summary>
    /// <param name="steps">Its local steps.</param>
    public double Of(int steps) => (Step * steps) + Aggregation;
}

/// <summary>What rounds have used of a resource, and what the next is expected to use. A value: a round gives the next one.</summary>
/// <remarks>
/// Source: Wang et al., IEEE JSAC 37(6), 2019: the last value that was measured counts. The mean with its spread is ours.
/// </remarks>
public readonly record struct CostEstimate
{
    private const double Spreads = 2;

    private Spread Step { get; init; }

    private Spread Aggregation { get; init; }

    /// <summary>What the last round used; zeros before the first.</summary>
    public RoundCost Last => new(Step.Last, Aggregation.Last);

    /// <summary>What a round may well use: the mean of all that were measured and twice their standard deviation.</summary>
    public RoundCost Careful => new(Step.Bound(Spreads), Aggregation.Bound(Spreads));

    /// <summary>The estimate with one more round.</summary>
    /// <param name="steps">Local steps of the round, at least 1.</param>
    /// <param name="local">What these used, in the unit of the resource.</param>
    /// <param name="whole">What the whole round used, in the unit of the resource.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite, or there was no step.</exception>
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

    /// <summary>A mean with the squares around it, kept as values come (Welford).</summary>
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
