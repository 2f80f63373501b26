namespace StreamLearn.Nodes.Tests;

/// <summary>EEoC and Neurosurgeon, by hand: .091, .231, .321 and .4 s, .155, .505, .635 and .8 J with 0 to 3 layers here.</summary>
public sealed class OneCutTests
{
    private static readonly Objective Request = Objective.Request with { BytesPerValue = 1, BytesPerGradient = 2 };

    private static readonly Planner[] All =
    [
        new ComputationExit(), new Neurosurgeon(), new Neurosurgeon(SavesEnergy: true), new Neurosurgeon { CountsAll = true },
        new Neurosurgeon(SavesEnergy: true) { CountsAll = true },
    ];

    [Theory]
    [InlineData(0, 0, .155 / .8)]
    [InlineData(1, .5, (.5 * .231 / .4) + (.5 * .505 / .8))]
    [InlineData(2, .25, (.25 * .321 / .4) + (.75 * .635 / .8))]
    [InlineData(3, 1, 1)]
    public void The_value_of_a_cut_is_against_the_worse_extreme(int cut, double alpha, double value)
    {
        var routes = Routes(Small.View, Request);
        Assert.Equal(value, ComputationExit.Value(routes, routes[cut].Cost, alpha), 1e-12);
    }

    /// <summary>At a hundredth of the rate up, all on the server takes 5.041 s and 15.005 J.</summary>
    [Fact]
    public void Where_the_server_is_the_worse_extreme_it_is_the_reference()
    {
        var routes = Routes(At(800), Request);
        Assert.Equal((.5 * .4 / 5.041) + (.5 * .8 / 15.005), ComputationExit.Value(routes, routes.Local.Cost, .5), 1e-12);
    }

    [Fact]
    public void Waiting_takes_idle_power()
    {
        var view = Small.With("slow", static n => n with { Power = n.Power with { IdleWatts = 1 } });
        Assert.Equal(.155 + .04, Routes(view, Request)[0].Cost.BatchJoules, 1e-12);
        Assert.Equal(.8, Routes(view, Request)[3].Cost.BatchJoules, 1e-12);
        var dead = view with { Links = At(0).Links };
        Assert.Equal(double.PositiveInfinity, Routes(dead, Request)[0].Cost.BatchJoules);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Over_a_link_that_carries_nothing_or_without_a_server_all_layers_stay(int planner)
    {
        var dead = At(0);
        foreach (var power in new[] { PowerProfile.None, new() { IdleWatts = 1 }, new() { ComputingWatts = 9 } })
        {
            var view = dead with { Nodes = [.. dead.Nodes.Select(n => n.Rows > 0 ? n with { Power = power } : n)] };
            foreach (var alpha in (double[])[0, .5, 1])
            {
                Assert.Equal(3, All[planner].Plan(Small.Model, view, Request with { Alpha = alpha }).Routes[0].Split);
            }
        }
        Assert.Equal(3, All[planner].Plan(Small.Model, Small.View with { Links = [] }, Request).Routes[0].Split);
    }

    [Fact]
    public void Layers_that_are_to_stay_do_and_what_does_not_fit_is_said()
    {
        Assert.All(All, static planner => Assert.Equal(0, planner.Plan(Small.Model, Small.View, Request).Routes[0].Split));
        Assert.All(All, static planner =>
            Assert.Equal(1, planner.Plan(Small.Model, Small.View, Request with { MinLayers = 1 }).Routes[0].Split));
        // weights of layer 0, the smallest that fits nowhere, and the widest pair of boundaries: 4 · (10 + 1500) bytes
        var full = Small.With("slow", static n => n with { MemoryBytes = 40 });
        Assert.All(All, planner => Assert.Equal((4 * 1510) - 40,
            planner.Plan(Small.Model, full, Request with { MinLayers = 1 }).Routes[0].MissingBytes));
    }

    [Fact]
    public void Training_is_refused() => Assert.All(All, static planner =>
        Assert.Throws<ArgumentException>(() => planner.Plan(Small.Model, Small.View, Request with { Work = PlannedWork.Training })));

    /// <summary>An answer of 20 bytes takes .533 s over 300 bit/s.</summary>
    [Fact]
    public void The_answers_way_back_counts_for_Neurosurgeon_only_if_all_counts()
    {
        var view = Small.View with { Links = [new("slow", "edge", 80e3), new("edge", "slow", 300), .. Small.View.Links[2..]] };
        int Split(Planner planner) => planner.Plan(Small.Model, view, Request).Routes[0].Split;
        Assert.Equal((0, 3), (Split(new Neurosurgeon()), Split(new Neurosurgeon { CountsAll = true })));
        Assert.Equal((0, 3),
            (Split(new Neurosurgeon(SavesEnergy: true)), Split(new Neurosurgeon(SavesEnergy: true) { CountsAll = true })));
    }

    [Fact]
    public void A_loaded_server_gets_less()
    {
        int Split(double load) => new Neurosurgeon()
            .Plan(Small.Model, Small.With("edge", n => n with { Load = load }), Request).Routes[0].Split;
        Assert.Equal((0, 2, 2, 3), (Split(8.66), Split(8.67), Split(8.99), Split(9.01)));     // .05 + .04 l, .31 + .01 l, .4
    }

    private static SplitRoutes Routes(ResourceView view, Objective objective) => SplitRoutes.Of(Small.Model, view, objective)[0];

    private static ResourceView At(double up) =>
        Small.View with { Links = [.. Small.View.Links.Select(l => l.To == "edge" ? l with { BitsPerSecond = up } : l)] };
}
