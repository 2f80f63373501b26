namespace StreamLearn.Models.Tests;

public sealed class AdamTests
{
    private static readonly ModelPlan Plan =
        new(new(1), 2, 1, [("s", SliceKind.Statistic, 1), ("t", SliceKind.Trained, 2), ("n", SliceKind.Counter, 1)]);

    [Fact]
    public void Two_steps_are_as_worked_by_hand()
    {
        float[] weights = [9, 1, 2, 9], state = new float[8];
        var adam = new Adam(0.5f, Beta1: 0.5f, Beta2: 0.75f, Epsilon: 1);
        // m = ½·g, m̂ = g; v = ¼·g², v̂ = g²: w − ½·g / (|g| + 1)
        adam.Step(Plan, weights, [7, 1, -3, 7], state, 1);
        Assert.Equal([9, 0.75f, 2.375f, 9], weights);
        Assert.Equal([0, 0.5f, -1.5f, 0, 0, 0.25f, 2.25f, 0], state);
        // m = (1.75, −0.75), m̂ = m / ¾; v = (2.4375, 1.6875), v̂ = v / 0.4375 = (5.5714, 3.8571)
        adam.Step(Plan, weights, [7, 3, 0, 7], state, 2);
        Assert.Equal([0, 1.75f, -0.75f, 0, 0, 2.4375f, 1.6875f, 0], state[..8]);
        Assert.Equal(0.75 - (0.5 * (1.75 / 0.75) / (Math.Sqrt(2.4375 / 0.4375) + 1)), weights[1], 1e-7);
        Assert.Equal(2.375 - (0.5 * (-0.75 / 0.75) / (Math.Sqrt(1.6875 / 0.4375) + 1)), weights[2], 3e-7);
        Assert.Equal([9, 9], new[] { weights[0], weights[3] });
    }

    [Fact]
    public void The_first_step_is_as_long_as_the_rate_whatever_the_gradient_and_late_steps_follow_it()
    {
        float[] weights = [0, 0, 0, 0], state = new float[8];
        var adam = new Adam(0.1f);
        adam.Step(Plan, weights, [0, 1e-3f, -1e3f, 0], state, 1);
        Assert.Equal(-0.1f, weights[1], 1e-5f);      // ε = 1e-8 beside a root of 1e-3
        Assert.Equal(0.1f, weights[2], 1e-6f);
        // corrections are 1 by then, and both moments those of a constant gradient
        for (var t = 2; t <= 20_000; t++) { adam.Step(Plan, weights, [0, 1e-3f, -1e3f, 0], state, t); }
        var before = weights[1];
        adam.Step(Plan, weights, [0, 1e-3f, -1e3f, 0], state, 20_001);
        Assert.Equal(0.1, before - weights[1], 2e-4);        // a weight near −2000 has steps of 1.2e-4
    }

    [Theory]
    [InlineData(0, 0.9f, 0.999f, 1e-8f)]
    [InlineData(float.NaN, 0.9f, 0.999f, 1e-8f)]
    [InlineData(0.1f, 1, 0.999f, 1e-8f)]
    [InlineData(0.1f, -0.1f, 0.999f, 1e-8f)]
    [InlineData(0.1f, 0.9f, 1, 1e-8f)]
    [InlineData(0.1f, 0.9f, 0.999f, 0)]
    public void Settings_out_of_range_are_refused(float rate, float beta1, float beta2, float epsilon) =>
        Assert.Throws<ArgumentOutOfRangeException>(new Adam(rate, beta1, beta2, epsilon).Check);

    [Fact]
    public void It_prints_its_settings_and_remembers_two_values_for_each()
    {
        var adam = new Adam(0.001f);
        adam.Check();
        Assert.Equal("Adam 0.001, β 0.9 0.999, ε 1E-08", adam.ToString());
        Assert.Equal(2, adam.StateValues);
        Assert.Equal(new Adam(0.001f), adam);
        Assert.Throws<ArgumentOutOfRangeException>(() => adam.Step(Plan, new float[4], new float[4], new float[8], 0));
    }
}
