namespace StreamLearn.Fleets;

/// <summary>The rule of <see cref="Apply.CoordinateMedian"/>.</summary>
internal sealed record CoordinateMedian(float LearningRate) : Apply
{
    /// <inheritdoc />
    public override bool Streams => false;

    /// <inheritdoc />
    public override int Slots => 0;

    /// <inheritdoc />
    internal override bool TreatsStatistics => true;

    /// <inheritdoc />
    internal override bool Weighs => false;

    /// <inheritdoc />
    public override void Add(ServerState state, in WeightedUpdate update) { }

    /// <inheritdoc />
    public override void Finish(ServerState state) =>
        SortedSet.Move(state, LearningRate, static values => ((double)values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2);

    /// <inheritdoc />
    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
