namespace StreamLearn.Aggregation;

/// <summary>
/// Moves every value of the model by the mean of the updates' values without the greatest and the least of them. Weights do not enter.
/// </summary>
/// <remarks>
/// Of n updates ⌊fraction·n⌋ values are left out at either end, and at least one is kept. State: none. Source: Yin et al. (2018),
/// definition 2. It bears as many wrong devices as are left out at one end.
/// </remarks>
/// <param name="Fraction">Share left out at either end, 0 to below one half.</param>
/// <param name="LearningRate">The server's rate η, above 0.</param>
public sealed record TrimmedMean(double Fraction, float LearningRate) : Apply
{
    /// <inheritdoc />
    public override bool Streams => false;

    /// <inheritdoc />
    public override int Slots => 0;

    /// <inheritdoc />
    internal override bool TreatsStatistics => true;

    /// <inheritdoc />
    public override void Add(ServerState state, in WeightedUpdate update) { }

    /// <inheritdoc />
    public override void Finish(ServerState state)
    {
        var trimmed = (int)Math.Floor((Fraction * state.Set.Count) + 1e-9);     // 0.29 · 100 is a little below 29 in binary
        SortedSet.Move(state, LearningRate, values =>
        {
            double sum = 0;
            foreach (var value in values[trimmed..^trimmed]) { sum += value; }
            return sum / (values.Length - (2 * trimmed));
        });
    }

    /// <inheritdoc />
    public override void Check()
    {
        if (!(Fraction is >= 0 and < 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(Fraction), Fraction, "expected a share in [0, 0.5)");
        }

        CheckRate(LearningRate, nameof(LearningRate));
    }
}
