namespace StreamLearn.Nodes;

/// <summary>What learns from rewards which action to take in which state.</summary>
public abstract class Agent
{
    /// <summary>True once it learns no more.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Chooses an action to learn from; it explores.</summary>
    /// <param name="state">The state.</param>
    /// <param name="action">Where the action is written.</param>
    public abstract void Act(ReadOnlySpan<float> state, Span<float> action);

    /// <summary>Learns what came of the last action.</summary>
    /// <param name="reward">What the action was worth.</param>
    /// <param name="next">The state after it.</param>
    /// <param name="hasEnded">True if the episode has ended by it.</param>
    public abstract void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded);
}
