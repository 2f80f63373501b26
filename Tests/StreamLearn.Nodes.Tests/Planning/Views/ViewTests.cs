namespace StreamLearn.Nodes.Tests;

/// <summary>What a planner is told of nodes and links.</summary>
public sealed class ViewTests
{
    [Theory, InlineData(0), InlineData(-1), InlineData(double.NaN)]
    public void Rates_and_loads_that_no_node_has_are_refused(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NodeView("a") { MultiplyAddsPerSecond = value });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NodeView("a") { Load = value });
        if (value != 0) { Assert.Throws<ArgumentOutOfRangeException>(() => new LinkView("a", "b", value)); }
    }

    [Fact]
    public void A_link_that_carries_nothing_takes_for_ever() =>
        Assert.Equal(double.PositiveInfinity, new LinkView("a", "b", 0).SecondsOf(1));
}
