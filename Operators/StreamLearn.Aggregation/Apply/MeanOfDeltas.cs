namespace StreamLearn.Aggregation;

/// <summary>Moves the model by the sum of weighted updates divided by their number, as they come: w += η · Σ aᵢ·Δᵢ / K.</summary>
/// <remarks>
/// State: slot <c>sum</c>, empty between rounds. Source: Nguyen et al. (2022), FedBuff: divided by K, not by the sum of the weights.
/// </remarks>
/// <param name="LearningRate">The server's rate η, above 0.</param>
public sealed record MeanOfDeltas(float LearningRate) : Apply
{
    internal const string Sum = "sum";

    /// <inheritdoc />
    public override bool Streams => true;

    /// <inheritdoc />
    public override void Add(ServerState state, in WeightedUpdate update) => AddTo(state.Slot(Sum), update);

    /// <inheritdoc />
    public override void Finish(ServerState state) => Move(state, LearningRate / state.Updates);

    /// <inheritdoc />
    public override void Discard(ServerState state) => state.Slot(Sum).Clear();

    /// <inheritdoc />
    public override void Check() => CheckRate(LearningRate, nameof(LearningRate));

    internal static void AddTo(Span<float> sum, in WeightedUpdate update)
    {
        for (var i = 0; i < sum.Length; i++) { sum[i] = MathF.FusedMultiplyAdd(update.Weight, update.Values[i], sum[i]); }
    }

    internal static void Move(ServerState state, float factor)
    {
        var weights = state.Weights;
        var sum = state.Slot(Sum);
        for (var i = 0; i < weights.Length; i++) { weights[i] = MathF.FusedMultiplyAdd(factor, sum[i], weights[i]); }
        sum.Clear();
    }
}
