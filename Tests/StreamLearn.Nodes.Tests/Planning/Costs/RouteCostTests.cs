using System.Collections.Immutable;

namespace StreamLearn.Nodes.Tests;

public sealed class RouteCostTests
{
    [Fact]
    public void A_split_costs_what_the_formula_says()
    {
        var cost = Of([new(0, 1, "slow"), new(1, 3, "edge")]);
        Assert.Equal(2, cost.Batches);
        Assert.Equal(10 * .3, cost.DeviceSeconds, 1e-12);                   // .1 forward and .2 backward a row
        Assert.Equal(10 * .09, cost.ServerSeconds, 1e-12);                  // a tenth of (.4 - .1) + (.8 - .2)
        Assert.Equal(8 * 10_000 / 80e3, cost.UpSeconds, 1e-12);             // 1000 values of a byte, ten rows
        Assert.Equal(8 * 20_000 / 160e3, cost.DownSeconds, 1e-12);          // and two bytes back
        Assert.Equal((2 * 3) + (3 * 1) + (5 * 1), cost.BatchJoules, 1e-12);
        Assert.Equal((10_000, 20_000), (cost.BatchBytesUp, cost.BatchBytesDown));
        Assert.Equal(2 * (3 + .9 + 1 + 1), cost.Seconds, 1e-12);
        Assert.Equal(28, cost.Joules, 1e-12);
        Assert.Equal([new("slow", 4 * ((3 * 10) + (10 * 1500))), new("edge", 4 * ((3 * 90) + (10 * 1110)))], cost.Memory);
    }

    [Fact]
    public void All_layers_on_the_device_cross_no_link()
    {
        var cost = Of([new(0, 3, "slow")]);
        Assert.Equal((12, 24, 0), (Math.Round(cost.BatchSeconds, 9), Math.Round(cost.BatchJoules, 9), cost.BytesUp + cost.BytesDown));
    }

    [Fact]
    public void Raw_rows_go_up_and_no_gradient_of_them_comes_back() =>
        Assert.Equal((5_000, 0), (Of([new(0, 3, "edge")]).BatchBytesUp, Of([new(0, 3, "edge")]).BatchBytesDown));

    [Fact]
    public void A_chain_over_three_nodes_adds_what_each_computes_and_each_boundary_takes()
    {
        var view = Small.View with
        {
            Nodes = [.. Small.View.Nodes, new("cloud") { Times = Small.Times.Times(.01) }],
            Links = [.. Small.View.Links, new("edge", "cloud", 8e3)],
        };
        var cost = Of([new(0, 1, "slow"), new(1, 2, "edge"), new(2, 3, "cloud")], view);
        Assert.Equal(10 * ((.1 * .6) + (.01 * .3)), cost.ServerSeconds, 1e-12);
        Assert.Equal(1 + (8 * 1_000 / 8e3), cost.UpSeconds, 1e-12);
        Assert.Equal(1 + (8 * 2_000 / 8e3), cost.DownSeconds, 1e-12);
    }

    [Fact]
    public void Inference_runs_forward_alone_and_the_answers_come_back()
    {
        var cost = Of([new(0, 1, "slow"), new(1, 3, "edge")], objective: Small.Objective with { Work = PlannedWork.Inference });
        Assert.Equal(10 * .1, cost.DeviceSeconds, 1e-12);
        Assert.Equal(10 * .03, cost.ServerSeconds, 1e-12);
        Assert.Equal(8 * 10 * 10 * 2 / 160e3, cost.DownSeconds, 1e-12);
        Assert.Equal(4 * (10 + (10 * 1500)), cost.Memory[0].Bytes);
    }

    [Fact]
    public void Load_overhead_delay_and_idle_power_count()
    {
        var view = Small.With("slow", static node => node with
        {
            Load = 2,
            OverheadSeconds = .5,
            Power = new() { IdleWatts = 1, ComputingWatts = 2, JoulesPerBit = 1e-5 },
        });
        view = view with { Links = [.. view.Links.Select(static link => link with { Delay = TimeSpan.FromSeconds(.25) })] };
        var cost = Of([new(0, 1, "slow"), new(1, 3, "edge")], view);
        Assert.Equal(6 + .9 + 1.25 + 1.25 + .5, cost.BatchSeconds, 1e-12);
        Assert.Equal((2 * 6) + (.9 + .25 + .25 + .5) + (8 * 30_000 * 1e-5), cost.BatchJoules, 1e-12);
    }

    [Fact]
    public void Without_times_seconds_go_by_multiply_adds()
    {
        var view = Small.With("slow", static node => node with { Times = null, MultiplyAddsPerSecond = 1000 });
        Assert.Equal(10 * 300 / 1000.0, Of([new(0, 1, "slow"), new(1, 3, "edge")], view).DeviceSeconds, 1e-12);
    }

    [Fact]
    public void A_link_that_carries_nothing_makes_time_infinite_and_energy_too_where_sending_draws()
    {
        var view = Small.View with { Links = [new("slow", "edge", 0)] };
        var free = view with { Nodes = [.. view.Nodes.Select(static node => node with { Power = PowerProfile.None })] };
        Assert.Equal(double.PositiveInfinity, Of([new(0, 1, "slow"), new(1, 3, "edge")], view).BatchSeconds);
        Assert.Equal(double.PositiveInfinity, Of([new(0, 1, "slow"), new(1, 3, "edge")], view).BatchJoules);
        Assert.Equal(0, Of([new(0, 1, "slow"), new(1, 3, "edge")], free).BatchJoules);
        Assert.Equal(12, Of([new(0, 3, "slow")], view).BatchSeconds, 1e-12);
    }

    [Theory]
    [InlineData("expected layers from 1, got edge 2", 0, 1, 2, 3)]
    [InlineData("expected all 3 layers, got 2", 0, 1, 1, 2)]
    public void Layers_that_are_missing_are_refused(string message, int first, int end, int next, int last) => Assert.StartsWith(
        message, Assert.Throws<ArgumentException>(() => Of([new(first, end, "slow"), new(next, last, "edge")])).Message);

    [Fact]
    public void Unknown_nodes_links_and_times_of_another_model_are_refused()
    {
        var other = Small.With("slow", static node => node with { Times = new([1], [1]) });
        Assert.StartsWith("expected one of slow, fast, edge, got moon",
            Assert.Throws<ArgumentException>(() => Of([new(0, 1, "slow"), new(1, 3, "moon")])).Message);
        Assert.StartsWith("expected a link between slow and fast, got none",
            Assert.Throws<ArgumentException>(() => Of([new(0, 1, "slow"), new(1, 3, "fast")])).Message);
        Assert.StartsWith("slow: expected times of 3 layers, got 1",
            Assert.Throws<ArgumentException>(() => Of([new(0, 3, "slow")], other)).Message);
    }

    private static PlanCost Of(ImmutableArray<LayerRange> ranges, ResourceView? view = null, Objective? objective = null) =>
        RouteCost.Of(Small.Model, view ?? Small.View, objective ?? Small.Objective, (view ?? Small.View).Node("slow"), ranges);
}
