namespace StreamLearn.Nodes;

/// <summary>A reinforcement learner.</summary>
internal abstract class Agent
{
    /// <summary>True once it has finished learning.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Chooses an exploratory action.</summary>
    /// <param name="state">The state.</param>
    /// <param name="action">Receives the action.</param>
    public abstract void Act(ReadOnlySpan<float> state, Span<float> action);

    /// <summary>Learns from the last action.</summary>
    /// <param name="reward">Its reward.</param>
    /// <param name="next">The next state.</param>
    /// <param name="hasEnded">True if it ended the episode.</param>
    public abstract void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded);
}
