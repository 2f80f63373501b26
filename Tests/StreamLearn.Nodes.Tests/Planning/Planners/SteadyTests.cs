namespace StreamLearn.Nodes.Tests;

public sealed class SteadyTests
{
    private static readonly Objective Time = Small.Objective with { Alpha = 1 };
    private static readonly Plan One = new FixedSplit(1).Plan(Small.Model, Small.View, Time);

    /// <summary>With links at a share r of their rate, one layer takes the slow device 3.9 + 2 / r s, two take 9.3 + .2 / r.</summary>
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(.32, 2, 1, 1)]      // 10.15 and 9.93 s: a gain of 2 %
    [InlineData(.3, 2, 2, 1)]       // 10.57 and 9.97 s: a gain of 6 %
    public void A_plan_in_force_stays_until_another_gains_the_margin(double rate, int best, int atFive, int atEight)
    {
        var view = Slowed(rate) with { Current = One };
        Assert.Equal(best, Plan(new AresJoint(), view).RouteOf("slow")!.Split);
        Assert.Equal(atFive, Plan(new Steady(new AresJoint()), view).RouteOf("slow")!.Split);
        Assert.Equal(atEight, Plan(new Steady(new AresJoint(), .08), view).RouteOf("slow")!.Split);
    }

    [Fact]
    public void A_plan_that_is_kept_has_what_it_costs_now()
    {
        var kept = Plan(new Steady(new AresJoint()), Slowed(.32) with { Current = One });
        Assert.True(kept.IsPlacedAs(One));
        Assert.Equal(2 * (3.9 + (2 / .32)), kept.Seconds, 1e-9);
    }

    [Fact]
    public void A_plan_that_cannot_run_any_more_is_replaced()
    {
        var full = Small.With("edge", static n => n with { MemoryBytes = 1 }) with { Current = One };
        var gone = Small.View with { Links = [], Current = One };
        var joined = Small.View with { Current = One with { Routes = [One.Routes[0]] } };
        var dead = Slowed(0) with { Current = One };
        Assert.All([full, gone, dead], static view => Assert.Equal(3, Plan(new Steady(new AresJoint(), 10), view).RouteOf("slow")!.Split));
        Assert.Equal(2, Plan(new Steady(new AresJoint(), 10), joined).Routes.Length);
    }

    private static ResourceView Slowed(double rate) => Small.View with
    {
        Links = [.. Small.View.Links.Select(link => link with { BitsPerSecond = link.BitsPerSecond * rate })],
    };

    private static Plan Plan(Planner planner, ResourceView view) => planner.Plan(Small.Model, view, Time);
}
