namespace StreamLearn.Fleets;

/// <summary>The rule of <see cref="Apply.MeanOfDeltas"/>.</summary>
internal sealed record MeanOfDeltas(float LearningRate) : Apply
{
    /// <inheritdoc />
    public override bool Streams => true;

    /// <inheritdoc />
    public override void Add(ServerState state, in WeightedUpdate update) => WeightedSum.Add(state, update);

    /// <inheritdoc />
    public override void Finish(ServerState state) => WeightedSum.Move(state, LearningRate / state.Updates);

    /// <inheritdoc />
    public override void Discard(ServerState state) => WeightedSum.Of(state).Clear();

    /// <inheritdoc />
    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
