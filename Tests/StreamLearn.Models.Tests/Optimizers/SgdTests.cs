namespace StreamLearn.Models.Tests;

public sealed class SgdTests
{
    private static readonly ModelPlan Plan =
        new(new(1), 2, 1, [("s", SliceKind.Statistic, 1), ("t", SliceKind.Trained, 2), ("n", SliceKind.Counter, 1)]);

    [Fact]
    public void Two_steps_with_momentum_are_as_worked_by_hand()
    {
        float[] weights = [9, 1, 2, 9], velocity = new float[4];
        var sgd = new Sgd(0.5f, Momentum: 0.5f, ClipNorm: 100);
        sgd.Step(Plan, weights, [7, 1, -2, 7], velocity, 1);
        Assert.Equal([9, 0.5f, 3, 9], weights);
        sgd.Step(Plan, weights, [7, 1, 0, 7], velocity, 1);       // v = (1.5, −1)
        Assert.Equal([9, -0.25f, 3.5f, 9], weights);
    }

    [Fact]
    public void A_long_gradient_is_cut_to_the_greatest_norm_over_trained_values()
    {
        float[] weights = [0, 0, 0, 0];
        new Sgd(1, Momentum: 0, ClipNorm: 1).Step(Plan, weights, [1000, 3, 4, 1000], new float[4], 1);
        Assert.Equal([0, -0.6f, -0.8f, 0], weights);
    }
}
