namespace StreamLearn.Nodes;

/// <summary>The seconds per batch of the slowest device in each group, then the shares of multiply-adds that the groups keep.</summary>
internal static class GroupState
{
    /// <summary>An empty group has 0 s and keeps all.</summary>
    internal static void Write(ReadOnlySpan<int> groups, ReadOnlySpan<double> seconds, ReadOnlySpan<double> shares, Span<float> state)
    {
        var count = state.Length / 2;
        state[..count].Clear();
        state[count..].Fill(1);
        for (var i = 0; i < groups.Length; i++)
        {
            if (seconds[i] < state[groups[i]]) { continue; }
            (state[groups[i]], state[count + groups[i]]) = ((float)seconds[i], (float)shares[i]);
        }
    }
}
