namespace StreamLearn.Learning.Tests;

/// <summary>Moves each value by one; notes each step's number, its gradient and what its memory held.</summary>
internal sealed record NotingOptimizer : Optimizer
{
    public override float LearningRate { get; init; }
    public override int StateValues => 1;
    internal List<(long Step, float Remembered)> Calls { get; } = [];
    internal List<float[]> Gradients { get; } = [];

    public override void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step)
    {
        Calls.Add((step, state[0]));
        Gradients.Add([.. gradients]);
        state[0]++;
        foreach (var slice in plan.Slices.Where(s => s.Kind == SliceKind.Trained))
        {
            foreach (ref var value in slice.Of(weights)) { value--; }
        }
    }

    public override void Check() { }
}
