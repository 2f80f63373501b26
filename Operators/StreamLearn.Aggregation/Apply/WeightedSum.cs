namespace StreamLearn.Aggregation;

/// <summary>The weighted sum of a round's updates, Σ aᵢ·Δᵢ: slot <c>sum</c> of the state, empty between rounds.</summary>
internal static class WeightedSum
{
    internal static Span<float> Of(ServerState state) => state.Slot("sum");

    internal static void Add(ServerState state, in WeightedUpdate update)
    {
        var sum = Of(state);
        for (var i = 0; i < sum.Length; i++) { sum[i] = MathF.FusedMultiplyAdd(update.Weight, update.Values[i], sum[i]); }
    }

    /// <summary>Moves the model by the sum times a factor, and empties the sum.</summary>
    internal static void Move(ServerState state, float factor)
    {
        var weights = state.Weights;
        var sum = Of(state);
        for (var i = 0; i < weights.Length; i++) { weights[i] = MathF.FusedMultiplyAdd(factor, sum[i], weights[i]); }
        sum.Clear();
    }
}
