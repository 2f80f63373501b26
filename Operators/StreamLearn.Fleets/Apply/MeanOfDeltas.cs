namespace StreamLearn.Fleets;

internal sealed record MeanOfDeltas(float LearningRate) : Apply
{
    public override bool Streams => true;

    public override void Add(ServerState state, in WeightedUpdate update) => WeightedSum.Add(state, update);

    public override void Finish(ServerState state) => WeightedSum.Move(state, LearningRate / state.Updates);

    public override void Discard(ServerState state) => WeightedSum.Of(state).Clear();

    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
