namespace StreamLearn.Nodes;

/// <summary>An environment of an agent.</summary>
internal interface IEnvironment
{
    /// <summary>Values of a state.</summary>
    int StateValues { get; }

    /// <summary>Values of an action.</summary>
    int ActionValues { get; }

    /// <summary>Starts an episode.</summary>
    /// <param name="state">Receives the first state.</param>
    void Reset(Span<float> state);

    /// <summary>Takes a step.</summary>
    /// <param name="action">The agent's action.</param>
    /// <param name="state">Receives the next state.</param>
    /// <param name="reward">The action's reward.</param>
    /// <returns>True if the episode ended.</returns>
    bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward);
}
