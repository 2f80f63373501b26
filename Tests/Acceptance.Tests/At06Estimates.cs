using Papers;

namespace Acceptance.Tests;

/// <summary>Section 6: what planners know of devices.</summary>
public sealed class At06Estimates(ITestOutputHelper output)
{
    private const double Noise = .1;

    [Fact]
    public void AT_6i_A_fifth_of_each_difference_is_taken_over()
    {
        var correction = new Correction();
        for (var n = 1; n <= 20; n++)
        {
            correction = correction.After("nano", "conv", 0.1, 0.2);
            Assert.Equal(2 - Math.Pow(0.8, n), correction.Factor("nano", "conv"), 1e-12);
        }
    }

    /// <summary>A Nano at 40 Mbit/s, by time alone: alone it keeps all layers, at half the speed it gives some away.</summary>
    [Fact]
    public void AT_6i_When_a_second_workload_halves_the_speed_predictions_follow_and_the_plan_changes()
    {
        (string Name, DeviceProfile Profile)[] nano = [("nano", DeviceProfile.NanoMaxn)];
        var (model, objective) = (ReferenceCosts.Vgg5, new Objective { Alpha = 1, BytesPerValue = 1, BytesPerGradient = 1 });
        var view = TestBed.View(model, 40e6, 40e6, nano);
        var planner = new Steady(new AresJoint());
        var plan = planner.Plan(model, view, objective);
        var (correction, random, before) = (new Correction(), new RandomStream(3, "workload"), plan);
        int? back = null;
        int? moved = null;
        for (var sample = -20; sample < 50; sample++)
        {
            var alone = view with { Current = plan };
            var predicted = RouteCost.Of(model, alone, objective, alone.Node("nano"), plan.Routes[0].Ranges).DeviceSeconds;
            var measured = predicted * (sample < 0 ? 1 : 2) * Math.Max(.2, 1 + (Noise * random.NextGaussian()));
            var error = Math.Abs((predicted * correction.Factor("nano") / (predicted * (sample < 0 ? 1 : 2))) - 1);
            back = error > .2 ? null : back ?? sample;
            correction = correction.After("nano", "", predicted, measured);
            plan = planner.Plan(model, With(alone, correction.Factor("nano")), objective);
            if (sample < 0) { Assert.True(plan.IsPlacedAs(before)); }
            else if (moved is null && !plan.IsPlacedAs(before)) { moved = sample; }
        }

        output.WriteLine($"error within 20 % from sample {back} on, plan changed at {moved}: {before.Routes[0]} → {plan.Routes[0]}");
        Assert.InRange(back ?? int.MaxValue, 1, 50);
        Assert.InRange(moved ?? int.MaxValue, 0, 50);
        Assert.Equal((7, 5), (before.Routes[0].Split, plan.Routes[0].Split));

        static ResourceView With(ResourceView view, double load) => view with
        {
            Nodes = [.. view.Nodes.Select(node => node.Name == "nano" ? node with { Load = node.Load * load } : node)],
        };
    }
}
