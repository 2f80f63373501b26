namespace StreamLearn.Aggregation;

/// <summary>The values of a whole set of updates, coordinate by coordinate, each in ascending order.</summary>
internal static class SortedSet
{
    /// <summary>Makes one value of those of all updates.</summary>
    internal delegate double Pick(ReadOnlySpan<float> ascending);

    /// <summary>Moves every value of the model by what is picked from the updates: w ← w + η·pick.</summary>
    internal static void Move(ServerState state, float learningRate, Pick pick)
    {
        var weights = state.Weights;
        var set = state.Set;
        var values = new float[set.Count];
        for (var i = 0; i < weights.Length; i++)
        {
            for (var u = 0; u < values.Length; u++) { values[u] = set.ValuesOf(u)[i]; }
            values.AsSpan().Sort();
            weights[i] = (float)(weights[i] + (learningRate * pick(values)));
        }
    }
}
