namespace StreamLearn.Nodes.Tests;

public sealed class ResourceViewTests
{
    [Fact]
    public void Views_compare_by_value()
    {
        var again = Small.View with { Nodes = [.. Small.View.Nodes], Links = [.. Small.View.Links] };
        Assert.Equal(Small.View, again);
        Assert.Equal(Small.View.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(Small.View, Small.With("slow", static n => n with { Load = 2 }));
    }

    [Fact]
    public void A_link_of_one_direction_holds_for_the_other()
    {
        var view = Small.View with { Links = [new("slow", "edge", 1), new("edge", "fast", 2), new("fast", "edge", 3)] };
        Assert.Equal((1, 2, 3), (Rate(view, "edge", "slow"), Rate(view, "edge", "fast"), Rate(view, "fast", "edge")));
        Assert.Null(view.Link("slow", "fast"));
    }

    [Fact]
    public void The_server_of_a_device_is_the_node_without_rows_that_it_is_linked_to()
    {
        var view = Small.View with { Links = [new("slow", "fast", 1), new("edge", "slow", 1)] };
        Assert.Equal("edge", view.ServerOf("slow")!.Name);
        Assert.Null(view.ServerOf("fast"));
        Assert.Equal(["slow", "fast"], view.Devices.Select(static node => node.Name));
    }

    [Fact]
    public void A_profile_makes_a_node_with_its_times_where_they_are_those_of_the_model()
    {
        var profile = DeviceProfile.Pi3 with { Speed = 1.9, MemoryBytes = 7 };
        var seven = Small.Model with { Layers = [.. Enumerable.Repeat(Small.Model.Layers[0], 7)] };
        var (node, other) = (NodeView.Of("pi", profile, seven), NodeView.Of("pi", profile, Small.Model));
        Assert.Equal((profile.LayerTimes, 1 / 1.9, 7, 3.8), (node.Times, node.Load, node.MemoryBytes, node.Power.ComputingWatts));
        Assert.Equal((null, profile.MultiplyAddsPerSecond), (other.Times, other.MultiplyAddsPerSecond));
    }

    private static double Rate(ResourceView view, string from, string to) => view.Link(from, to)!.BitsPerSecond;
}
