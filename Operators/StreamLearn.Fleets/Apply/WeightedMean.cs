namespace StreamLearn.Fleets;

internal sealed record WeightedMean(float LearningRate) : Apply
{
    public override bool Streams => false;

    public override void Add(ServerState state, in WeightedUpdate update) => WeightedSum.Add(state, update);

    public override void Finish(ServerState state) => WeightedSum.Move(state, (float)(LearningRate / state.TotalWeight));

    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
