namespace StreamLearn.Nodes;

/// <summary>What FedAdapt's agent sees: of the slowest device of each group the seconds of a batch, then, group by group, the share of the
/// multiply-adds that it kept.</summary>
internal static class GroupState
{
    /// <summary>Writes the state; a group without devices has 0 s, and keeps all.</summary>
    internal static void Write(
        ReadOnlySpan<int> groups, ReadOnlySpan<double> seconds, ReadOnlySpan<double> shares, Span<float> state)
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
