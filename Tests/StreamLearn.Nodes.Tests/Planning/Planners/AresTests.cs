namespace StreamLearn.Nodes.Tests;

public sealed class AresTests
{
    private static readonly double[] Alphas = [0, .1, .25, .5, .75, .9, 1];

    /// <summary>Three devices of five layers: 125 plans.</summary>
    [Fact]
    public void The_joint_rule_finds_the_best_of_all_plans()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var (model, view) = Small.Random(seed, devices: 3, layers: 5);
            foreach (var alpha in Alphas)
            {
                var objective = Small.Objective with { Alpha = alpha };
                var local = PlanValue.Local(model, view, objective);
                var routes = SplitRoutes.Of(model, view, objective);
                var least = (from a in routes[0].Splits
                             from b in routes[1].Splits
                             from c in routes[2].Splits
                             select PlanValue.Of(new([routes[0][a], routes[1][b], routes[2][c]]), local, alpha)).Min();
                Assert.Equal(least, PlanValue.Of(new AresJoint().Plan(model, view, objective), local, alpha), 1e-12);
            }
        }
    }

    [Fact]
    public void A_higher_alpha_never_takes_longer_and_a_lower_one_never_more_energy()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var (model, view) = Small.Random(seed, devices: 4, layers: 6);
            var plans = Alphas.Select(alpha => new AresJoint().Plan(model, view, Small.Objective with { Alpha = alpha })).ToList();
            Assert.All(plans.Zip(plans.Skip(1)), static pair => Assert.True(
                pair.Second.Seconds <= pair.First.Seconds && pair.First.Joules <= pair.Second.Joules));
        }
    }

    [Fact]
    public void Devices_that_have_no_room_take_no_part_and_the_others_are_planned()
    {
        var view = Small.With("slow", static n => n with { MemoryBytes = 1 });
        var plan = new AresJoint().Plan(Small.Model, view, Small.Objective);
        Assert.True(plan.RouteOf("slow")!.MissingBytes > 0);
        Assert.Equal(3, plan.RouteOf("fast")!.Split);
        Assert.False(plan.IsComplete);
    }

    /// <summary>One layer on the device takes 2 s and 1 J, both take 1 s and 3 J: they are equal at α / √5 = (1 − α) · 2 / √10, which is
    /// at α = .5858.</summary>
    [Theory, InlineData(0, 1), InlineData(.58, 1), InlineData(.59, 2), InlineData(1, 2)]
    public void The_rule_of_each_device_divides_by_the_norms(double alpha, int split)
    {
        const double Third = 1 / 3.0;
        var model = new LayerCosts(1, [new("a", 1, 1, 1, 0), new("b", 1, 1, 1, 0)]);
        var view = new ResourceView(
            [
                new("pi") { Times = new([Third, 1], [0, 0]), Rows = 1, Power = new() { ComputingWatts = 3 } },
                new("edge") { Times = new([0, 5 * Third], [0, 0]) },
            ],
            [new("pi", "edge", double.PositiveInfinity)]);
        var plan = new AresPerDevice().Plan(model, view, new() { Alpha = alpha, BatchRows = 1 });
        Assert.Equal(split, plan.Routes[0].Split);
    }

    [Fact]
    public void A_link_that_carries_nothing_leaves_all_layers_on_the_device()
    {
        var view = Small.View with { Links = [.. Small.View.Links.Select(static l => l with { BitsPerSecond = 0 })] };
        Assert.All(
            [new AresPerDevice(), new AresJoint(), new GreedySplit(), (Planner)new ExhaustiveSplit()],
            planner => Assert.All(planner.Plan(Small.Model, view, Small.Objective).Routes, static route => Assert.Equal(3, route.Split)));
    }
}
