namespace StreamLearn.Nodes.Tests;

/// <summary>The planners that others are compared with.</summary>
public sealed class BaselineTests
{
    [Fact]
    public void A_fixed_split_is_that_of_all_devices_where_it_fits()
    {
        var view = Small.With("slow", static n => n with { MemoryBytes = 4 * ((3 * 10) + (10 * 1500)) });
        Assert.Equal([1, 2], Splits(new FixedSplit(2), view));
        Assert.Equal([3, 3], Splits(FixedSplit.All));
        Assert.Throws<ArgumentOutOfRangeException>(() => Splits(new FixedSplit(-1)));
    }

    /// <summary>Batches of the slow device take 5.9, 9.5 and 12 s by split, of the fast one 2.93, .49 and .12 s.</summary>
    [Fact]
    public void The_greedy_split_is_the_fastest_of_each_device() => Assert.Equal([1, 3], Splits(new GreedySplit()));

    [Fact]
    public void Random_splits_depend_on_seed_and_device_alone()
    {
        var drawn = Enumerable.Range(0, 100).Select(static seed => Splits(new RandomSplit(seed))).ToList();
        Assert.Equal(drawn, Enumerable.Range(0, 100).Select(static seed => Splits(new RandomSplit(seed))));
        Assert.Equal(9, drawn.Select(static splits => (splits[0], splits[1])).Distinct().Count());       // three by three
    }

    [Fact]
    public void The_best_common_split_is_the_best_of_all_fixed_ones()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (model, view) = Small.Random(seed, devices: 3, layers: 5);
            var local = PlanValue.Local(model, view, Small.Objective);
            double Value(Planner planner) => PlanValue.Of(planner.Plan(model, view, Small.Objective), local, Small.Objective.Alpha);
            Assert.Equal(Enumerable.Range(1, 5).Min(split => Value(new FixedSplit(split))), Value(new ExhaustiveSplit()), 1e-12);
            Assert.True(Value(new AresJoint()) <= Value(new ExhaustiveSplit()) + 1e-12);
        }
    }

    [Fact]
    public void Each_group_has_a_split_of_its_own_and_only_given_ones_are_tried()
    {
        var groups = DeviceGroups.Of([12, .12], count: 2);
        var fast = Small.Objective with { Alpha = 1 };
        Assert.Equal([1, 1], new ExhaustiveSplit().Plan(Small.Model, Small.View, fast).Routes.Select(static r => r.Split));
        Assert.Equal([1, 3], new ExhaustiveSplit(groups) { Splits = [3, 1] }.Plan(Small.Model, Small.View, fast).Routes
            .Select(static r => r.Split));
        Assert.Equal([3, 3], new ExhaustiveSplit(groups) { Splits = [3] }.Plan(Small.Model, Small.View, fast).Routes
            .Select(static r => r.Split));
    }

    [Fact]
    public void Planners_compare_and_print_by_value()
    {
        Assert.Equal(new Steady(new AresJoint()), new Steady(new AresJoint()));
        Assert.Equal("FixedSplit { Layers = 2 }", new FixedSplit(2).ToString());
    }

    private static int[] Splits(Planner planner, ResourceView? view = null) =>
        [.. planner.Plan(Small.Model, view ?? Small.View, Small.Objective).Routes.Select(static route => route.Split)];
}
