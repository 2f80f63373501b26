namespace StreamLearn.Nodes.Tests;

public sealed class PlanTests
{
    private static readonly Plan Whole = PlanValue.Local(Small.Model, Small.View, Small.Objective);

    [Fact]
    public void A_plan_takes_as_long_as_its_slowest_device_and_the_energy_of_all()
    {
        Assert.Equal(2 * 12, Whole.Seconds, 1e-9);
        Assert.Equal(2 * (24 + .24), Whole.Joules, 1e-9);
        Assert.Equal((0, 0), (new Plan([]).Seconds, new Plan([]).Joules));
    }

    [Fact]
    public void Plans_compare_by_value_and_by_place_alone()
    {
        var again = PlanValue.Local(Small.Model, Small.View, Small.Objective);
        var busy = PlanValue.Local(Small.Model, Small.With("slow", static n => n with { Load = 2 }), Small.Objective);
        Assert.Equal(Whole, again);
        Assert.Equal(Whole.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(Whole, busy);
        Assert.True(Whole.IsPlacedAs(busy));
        Assert.False(Whole.IsPlacedAs(new FixedSplit(1).Plan(Small.Model, Small.View, Small.Objective)));
        Assert.False(Whole.IsPlacedAs(null));
    }

    [Fact]
    public void A_plan_prints_as_a_table()
    {
        var view = Small.With("fast", static n => n with { MemoryBytes = 1 });
        var plan = new FixedSplit(1).Plan(Small.Model, view, Small.Objective);
        Assert.False(plan.IsComplete);
        Assert.Equal(
            [
                "device  layers                        s/batch    s/round    J/round      MB up    MB down  memory",
                "slow    slow 0, edge 1-2                5.900       11.8       28.0       0.02       0.04  slow 0.06 MB, edge 0.05 MB",
                "fast    no room: 60,119 bytes short     0.000        0.0        0.0       0.00       0.00  ",
                "total                                               11.8       28.0",
            ],
            plan.ToString().Split('\n'));
    }

    [Fact]
    public void The_route_of_a_device_says_its_split()
    {
        Assert.Equal(3, Whole.RouteOf("fast")!.Split);
        Assert.Null(Whole.RouteOf("edge"));
        Assert.Equal(0, new Route("slow", [new(0, 3, "edge")], new()).Split);
    }

    [Theory, InlineData(-.1), InlineData(1.1), InlineData(double.NaN)]
    public void Alpha_is_a_share(double alpha) => Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { Alpha = alpha });

    [Fact]
    public void Other_settings_of_an_objective_have_bounds()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { BatchRows = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { BytesPerValue = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { BytesPerGradient = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { OptimizerValues = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Objective { MinLayers = -1 });
    }
}
