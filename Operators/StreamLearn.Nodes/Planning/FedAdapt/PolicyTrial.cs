namespace StreamLearn.Nodes;

internal sealed class PolicyTrial(Policy policy, int steps) : Agent
{
    private int _steps;

    public override bool IsDone => _steps >= steps;

    public override void Act(ReadOnlySpan<float> state, Span<float> action) => policy.Act(state, action);

    public override void Learn(double reward, ReadOnlySpan<float> next, bool hasEnded) => _steps++;
}
