namespace StreamLearn.Nodes.Tests;

public sealed class SplitRoutesTests
{
    private const long NeededForOneLayer = 4 * ((3 * 10) + (10 * 1500));

    [Fact]
    public void A_device_keeps_its_first_layer_unless_raw_rows_may_leave()
    {
        Assert.Equal([1, 2, 3], Of(Small.View).Splits);
        Assert.Equal([0, 1, 2, 3], Of(Small.View, Small.Objective with { MinLayers = 0 }).Splits);
        Assert.Equal([3], Of(Small.View, Small.Objective with { MinLayers = 9 }).Splits);
    }

    [Fact]
    public void Splits_that_do_not_fit_are_left_out_on_the_device_and_on_the_server()
    {
        Assert.Equal([1], Of(Small.With("slow", static n => n with { MemoryBytes = NeededForOneLayer })).Splits);
        Assert.Equal([2, 3], Of(Small.With("edge", static n => n with { MemoryBytes = 4 * ((3 * 70) + (10 * 110)) })).Splits);
    }

    [Fact]
    public void Where_none_fits_the_route_says_how_many_bytes_are_missing()
    {
        var routes = Of(Small.With("slow", static n => n with { MemoryBytes = NeededForOneLayer - 1 }));
        var route = routes.Choose(static _ => throw new InvalidOperationException("there is nothing to choose from"));
        Assert.Equal(1, routes.MissingBytes);
        Assert.Equal((1, 0, "slow: 1 bytes short"), (route.MissingBytes, route.Ranges.Length, route.ToString()));
    }

    [Fact]
    public void A_device_without_a_server_keeps_all_layers()
    {
        var routes = Of(Small.View with { Links = [] });
        Assert.Equal([3], routes.Splits);
        Assert.Throws<ArgumentOutOfRangeException>(() => routes[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => routes[4]);
    }

    [Fact]
    public void The_nearest_split_that_fits_is_the_later_one_of_two()
    {
        var routes = Of(Small.With("edge", static n => n with { MemoryBytes = 4 * ((3 * 70) + (10 * 110)) }), Small.Objective);
        Assert.Equal((2, 2, 3), (routes.Nearest(0), routes.Nearest(2), routes.Nearest(7)));
    }

    private static SplitRoutes Of(ResourceView view, Objective? objective = null) =>
        SplitRoutes.Of(Small.Model, view, objective ?? Small.Objective, view.Node("slow"));
}
