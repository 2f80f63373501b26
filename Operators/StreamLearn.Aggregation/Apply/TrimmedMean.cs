namespace StreamLearn.Aggregation;

/// <summary>
/// Moves every value of the model by the mean of the updates' values without the greatest and the least of them. Weights do not enter.
/// </summary>
/// <remarks>
/// Of n updates ⌊fraction·n⌋ values are left out at either end, and at least one is kept. State: none. Source: Yin et al. (2018),
/// definition 2. It bears as many wrong devices as are left out at one end.
/// </remarks>
/// <param name="fraction">Share left out at either end, 0 to below one half.</param>
/// <param name="learningRate">The server's rate η, above 0.</param>
/// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
public sealed class TrimmedMean(double fraction, float learningRate) : Apply
{
    private readonly double _fraction = fraction is >= 0 and < 0.5
        ? fraction
        : throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected a share in [0, 0.5)");

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
        var trimmed = (int)Math.Floor((_fraction * state.Set.Count) + 1e-9);     // 0.29 · 100 is a little below 29 in binary
        SortedSet.Move(state, learningRate, values =>
        {
            double sum = 0;
            foreach (var value in values[trimmed..^trimmed]) { sum += value; }
            return sum / (values.Length - (2 * trimmed));
        });
    }
}
