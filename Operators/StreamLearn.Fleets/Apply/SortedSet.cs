namespace StreamLearn.Fleets;

internal static class SortedSet
{
    internal delegate double Pick(ReadOnlySpan<float> ascending);

    /// <summary>Computes w ← w + η·pick; for running statistics, η = 1.</summary>
    internal static void Move(ServerState state, float learningRate, Pick pick)
    {
        var values = new float[state.Set.Count];
        var next = 0;
        foreach (var slice in state.Statistics)
        {
            Move(state, next, slice.Offset, learningRate, values, pick);
            Move(state, slice.Offset, next = slice.Offset + slice.Length, 1, values, pick);
        }

        Move(state, next, state.Weights.Length, learningRate, values, pick);
    }

    private static void Move(ServerState state, int from, int to, float learningRate, float[] values, Pick pick)
    {
        var weights = state.Weights;
        var set = state.Set;
        for (var i = from; i < to; i++)
        {
            for (var u = 0; u < values.Length; u++) { values[u] = set.ValuesOf(u)[i]; }
            values.AsSpan().Sort();
            weights[i] = (float)(weights[i] + (learningRate * pick(values)));
        }
    }
}
