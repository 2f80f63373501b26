namespace StreamLearn.Aggregation;

/// <summary>Moves every value of the model by the median of the updates' values: w ← w + η·median(Δᵢ). Weights do not enter.</summary>
/// <remarks>Of an even number, the mean of the two in the middle. State: none. Source: Yin et al. (2018), definition 1.</remarks>
/// <param name="LearningRate">The server's rate η, above 0.</param>
public sealed record CoordinateMedian(float LearningRate) : Apply
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
    public override void Finish(ServerState state) =>
        SortedSet.Move(state, LearningRate, static values => ((double)values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2);

    /// <inheritdoc />
    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
