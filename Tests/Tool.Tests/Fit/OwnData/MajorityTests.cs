namespace Tool.Tests;

public sealed class MajorityTests
{
    [Theory]
    [InlineData(0.88, true)]
    [InlineData(0.86, true)]
    [InlineData(0.95, false)]
    public void It_is_said_where_a_model_is_not_better_within_its_bounds(double accuracy, bool isSaid)
    {
        var majority = Majority.Of(["x", "y"], [871, 129]);

        Assert.Equal(isSaid ? "always answering 'x' would be correct for 87.1 %: the model is not better within its bounds" : null,
            majority.Beside(accuracy, 1000));
        Assert.Equal(majority, Majority.OfLabels(["x", "y"], [.. new int[871], .. Enumerable.Repeat(1, 129)]));
    }
}
