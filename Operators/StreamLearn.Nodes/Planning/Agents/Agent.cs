namespace StreamLearn.Nodes;

internal abstract class Agent
{
    public abstract bool IsDone { get; }

    public abstract void Act(ReadOnlySpan<float> state, Span<float> action);

    public abstract void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded);
}
