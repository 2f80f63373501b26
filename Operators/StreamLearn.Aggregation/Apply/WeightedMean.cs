namespace StreamLearn.Aggregation;

/// <summary>Moves the model by the weighted mean of the updates, in the order of their devices: w += η · Σ aᵢ·Δᵢ / Σ aᵢ.</summary>
/// <remarks>State: slot <c>sum</c>, empty between rounds. Source: McMahan et al. (2017), FedAvg, with aᵢ the samples of device i.</remarks>
/// <param name="LearningRate">The server's rate η, above 0.</param>
public sealed record WeightedMean(float LearningRate) : Apply
{
    /// <inheritdoc />
    public override bool Streams => false;

    /// <inheritdoc />
    public override void Add(ServerState state, in WeightedUpdate update) => MeanOfDeltas.AddTo(state.Slot(MeanOfDeltas.Sum), update);

    /// <inheritdoc />
    public override void Finish(ServerState state) => MeanOfDeltas.Move(state, (float)(LearningRate / state.TotalWeight));

    /// <inheritdoc />
    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));
}
