namespace StreamLearn.Fleets.Tests;

/// <summary>The bound and its search, against values that were worked out by hand.</summary>
public sealed class TauSearchTests
{
    private static readonly Divergence Known = new(1, 1, 1);
    private static readonly RoundCost[] Costs = [new(0.013, 0.1316)];
    private static readonly TauSettings Settings = new() { LearningRate = 0.01, Phi = 0.025 };

    [Theory, InlineData(1, 28, 5.826801), InlineData(0.3, 44, 4.945427)]
    public void Divergence_and_bound_have_the_values_worked_out_by_hand(double rho, int best, double bound)
    {
        var apart = Known with { Rho = rho };
        Assert.Equal(0.00462213, apart.After(10, 0.01), 8);
        Assert.Equal(best, TauSearch.Best(100, [15], Costs, apart, Settings));
        Assert.Equal(bound, TauSearch.Bound(best, TauSearch.EffectiveSteps(best, [15], Costs), apart, Settings), 6);
    }

    [Theory, InlineData(0.1, 0.1), InlineData(1, 7), InlineData(300, 0.01), InlineData(1e-5, 1000)]
    public void After_no_step_and_after_one_nothing_has_run_apart(double beta, double delta)
    {
        var apart = new Divergence(1, beta, delta);
        Assert.Equal(0, apart.After(0, 0.01));
        Assert.InRange(apart.After(1, 0.01), 0, 1e-9 * delta);
    }

    [Theory]
    [InlineData(0, 100)]        // nothing runs apart: as rarely as possible
    [InlineData(1e6, 1)]        // all runs apart at once
    public void The_ends_of_the_search_are_found(double delta, int expected) =>
        Assert.Equal(expected, TauSearch.Best(100, [15], Costs, new(1, 1, delta), Settings));

    [Fact]
    public void A_power_that_no_number_holds_rules_its_steps_out()
    {
        Assert.Equal(double.PositiveInfinity, new Divergence(1, 1e9, 1).After(100, 0.01));
        Assert.InRange(TauSearch.Best(100, [15], Costs, new(1, 1e9, 1), Settings), 1, 3);
    }

    [Fact]
    public void The_scarcest_resource_decides_and_one_that_is_not_used_does_not()
    {
        var alone = TauSearch.EffectiveSteps(5, [15], Costs);
        Assert.Equal(alone, TauSearch.EffectiveSteps(5, [15, 1], [Costs[0], new(0, 0)]));
        Assert.Equal(TauSearch.EffectiveSteps(5, [7], Costs), TauSearch.EffectiveSteps(5, [15, 7], [Costs[0], Costs[0]]));
    }

    [Fact]
    public void A_budget_that_does_not_last_for_a_step_gives_one() => Assert.Equal(1, TauSearch.Best(100, [0.1], Costs, Known, Settings));

    /// <summary>Of the numbers of steps t, (1 − exp(−decay t)) / (c t + b) is greatest: computed apart.</summary>
    [Theory]
    [InlineData(0.3, 6)]
    [InlineData(0.05, 17)]
    [InlineData(1e-9, 100)]     // a step is worth as much as the one before: as rarely as possible
    public void Steps_are_worth_most_where_waiting_for_others_costs_as_much_as_going_alone(double decay, int expected)
    {
        Assert.Equal(expected, TauSearch.MaxWorth(100, [15], Costs, decay));
        Assert.Equal(expected, TauSearch.MaxWorth(100, [15, 1e9], [Costs[0], new(1, 1)], decay));
        Assert.Equal(1, TauSearch.MaxWorth(100, [0.1], Costs, decay));
    }

    [Fact]
    public void What_late_steps_are_worth_is_their_part_along_the_gradient_of_all()
    {
        var worth = LocalWorth.Of([3, 4], [2, 1], [1, -1], apart: 2.5);
        Assert.Equal(new(10, -1, 0.5), worth);
        Assert.Equal((double.NaN, double.NaN), (LocalWorth.Of([3, 4], [], [], 0).Early, LocalWorth.Of([3, 4], [], [], 0).Late));
    }

    /// <summary>Of two devices whose gradients and losses are known.</summary>
    [Fact]
    public void What_devices_measure_is_put_together_by_their_rows()
    {
        var near = Curvature.Of(3, 1, [3, 4], [0, 0], [1, 0], [0, 0]);
        var same = Curvature.Of(3, 1, [3, 4], [3, 4], [1, 0], [0, 0]);
        Assert.Equal((0.4, 0.2), (near.Rho, near.Beta));
        Assert.Equal(new(0, Curvature.MinBeta), same);
        Assert.Equal(same, Curvature.Of(double.NaN, 1, [3, 4], [0, 0], [1, 0], [0, 0]));
        var mean = new float[2];
        var both = Divergence.Of([3, 1], [near, new(0.8, 1)], [new float[] { 1, 0 }, new float[] { -3, 0 }], mean)!.Value;
        Assert.Equal([0f, 0f], mean);
        Assert.Equal((0.5, 0.4, 1.5), (both.Rho, both.Beta, both.Delta));
        Assert.Null(Divergence.Of([1], [near], [new float[] { float.NaN, 0 }], mean));
    }
}
