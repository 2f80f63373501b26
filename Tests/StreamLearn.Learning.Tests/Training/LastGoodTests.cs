namespace StreamLearn.Learning.Tests;

public sealed class LastGoodTests
{
    private static readonly ModelPlan Plan = new(new(1), 2, 1,
    [
        (ModelPlan.ScaleMean, SliceKind.Statistic, 1), (ModelPlan.ScaleInverse, SliceKind.Statistic, 1),
        ("mean", SliceKind.Statistic, 1), ("weight", SliceKind.Trained, 2),
    ]);

    private readonly LastGood _good = new(Plan, 2);

    [Fact]
    public void What_was_kept_comes_back_but_for_the_scale()
    {
        Assert.True(_good.Keep([1, 2, 3, 4, 5], [.. Enumerable.Range(10, 10).Select(i => (float)i)], new(7, 70, 0.5)));
        float[] weights = [-1, -2, -3, -4, float.NaN], state = new float[10];
        _good.Restore(weights, state);
        Assert.Equal([-1, -2, 3, 4, 5], weights);
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (float)i), state);
        Assert.Equal(new(7, 70, 0.5), _good.Counts);
    }

    [Fact]
    public void Later_changes_do_not_reach_the_copy()
    {
        float[] weights = [1, 2, 3, 4, 5], state = [.. Enumerable.Repeat(1f, 10)];
        _good.Keep(weights, state, default);
        Array.Fill(weights, 9);
        Array.Fill(state, 9);
        _good.Restore(weights, state);
        Assert.Equal([9, 9, 3, 4, 5], weights);
        Assert.All(state, s => Assert.Equal(1, s));
    }

    [Fact]
    public void What_was_kept_comes_back_after_a_state_was_taken_up()
    {
        _good.Keep([1, 2, 3, 4, 5], [.. Enumerable.Range(10, 10).Select(i => (float)i)], new(7, 70, 0.5));
        var taken = new LastGood(Plan, 2);
        SavedState.Of(_good.State).Into(taken.State);
        float[] weights = [-1, -2, -3, -4, -5], state = new float[10];
        taken.Restore(weights, state);
        Assert.Equal([-1, -2, 3, 4, 5], weights);
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (float)i), state);
        Assert.Equal(new(7, 70, 0.5), taken.Counts);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Values_that_are_not_finite_are_not_kept(bool inState)
    {
        _good.Keep([1, 2, 3, 4, 5], new float[10], new(7, 70, 0.5));
        float[] weights = [1, 2, 3, 40, 50], state = new float[10];
        (inState ? state : weights)[4] = float.PositiveInfinity;
        Assert.False(_good.Keep(weights, state, new(8, 80, 0.5)));
        _good.Restore(weights, state);
        Assert.Equal([1, 2, 3, 4, 5], weights);
        Assert.All(state, s => Assert.Equal(0, s));
        Assert.Equal(new(7, 70, 0.5), _good.Counts);
    }
}
