namespace StreamLearn.Nodes;

internal interface IEnvironment
{
    int StateValues { get; }

    int ActionValues { get; }

    void Reset(Span<float> state);

    bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward);
}
