namespace StreamLearn.Nodes;

/// <summary>A reinforcement learner.</summary>
internal abstract class Agent
{
    /// <summary>True once it has finished learning.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Chooses an exploratory action.</summary>
    public abstract void Act(ReadOnlySpan<float> state, Span<float> action);

    /// <summary>Learns from the last action.</summary>
    public abstract void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded);
}
