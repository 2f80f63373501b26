namespace StreamLearn.Nodes;

/// <summary>An environment of an agent.</summary>
internal interface IEnvironment
{
    /// <summary>Values of a state.</summary>
    int StateValues { get; }

    /// <summary>Values of an action.</summary>
    int ActionValues { get; }

    /// <summary>Starts an episode.</summary>
    void Reset(Span<float> state);

    /// <summary>Takes a step.</summary>
    bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward);
}
