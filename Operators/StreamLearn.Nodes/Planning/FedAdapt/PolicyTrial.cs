namespace StreamLearn.Nodes;

/// <summary>Takes the actions of a policy for some steps, and learns nothing: to see what rewards it gets.</summary>
internal sealed class PolicyTrial(Policy policy, int steps) : Agent
{
    private int _steps;

    public override bool IsDone => _steps >= steps;

    public override void Act(ReadOnlySpan<float> state, Span<float> action) => policy.Act(state, action);

    public override void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded) => _steps++;
}
