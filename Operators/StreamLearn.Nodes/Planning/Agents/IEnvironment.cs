namespace StreamLearn.Nodes;

/// <summary>What an agent learns in: it shows a state, takes an action, and gives a reward.</summary>
public interface IEnvironment
{
    /// <summary>Values of a state.</summary>
    int StateValues { get; }

    /// <summary>Values of an action.</summary>
    int ActionValues { get; }

    /// <summary>Begins an episode.</summary>
    /// <param name="state">Where its first state is written.</param>
    void Reset(Span<float> state);

    /// <summary>Takes a step.</summary>
    /// <param name="action">What the agent does.</param>
    /// <param name="state">Where the next state is written.</param>
    /// <param name="reward">What the action was worth.</param>
    /// <returns>True if the episode has ended by it.</returns>
    bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward);
}
