namespace StreamLearn.Nodes.Tests;

public sealed class ReplanningTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(.9);

    [Fact]
    public void A_plan_is_due_without_one_and_after_a_second()
    {
        Assert.True(Replanning.Default.IsDue(null, Small.View, TimeSpan.Zero));
        Assert.False(Replanning.Default.IsDue(Small.View, Small.View, Soon));
        Assert.True(Replanning.Default.IsDue(Small.View, Small.View, TimeSpan.FromSeconds(1)));
        Assert.False(new Replanning { Seconds = 5 }.IsDue(Small.View, Small.View, TimeSpan.FromSeconds(4.9)));
    }

    [Theory]
    [InlineData(1.09, false), InlineData(1.11, true), InlineData(.91, false), InlineData(.89, true)]
    [InlineData(0, true)]
    public void A_plan_is_due_when_an_estimate_moves_by_more_than_a_tenth(double factor, bool isDue)
    {
        var link = Small.View with { Links = [.. Small.View.Links.Select(l => l with { BitsPerSecond = factor * l.BitsPerSecond })] };
        Assert.Equal(isDue, Replanning.Default.IsDue(Small.View, link, Soon));
        Assert.False(new Replanning { Share = 1 }.IsDue(Small.View, link, Soon));
        if (factor == 0) { return; }
        Assert.Equal(isDue, Replanning.Default.IsDue(Small.View, Small.With("edge", n => n with { Load = factor }), Soon));
        Assert.Equal(isDue, Replanning.Default.IsDue(Small.View, Small.With("slow", n => n with { Times = n.Times!.Times(factor) }), Soon));
    }

    [Fact]
    public void A_plan_is_due_when_a_node_or_a_link_is_new_or_gone()
    {
        Assert.True(Replanning.Default.IsDue(Small.View, Small.View with { Links = Small.View.Links[1..] }, Soon));
        Assert.True(Replanning.Default.IsDue(Small.View, Small.View with { Nodes = [.. Small.View.Nodes, new("cloud")] }, Soon));
        Assert.True(Replanning.Default.IsDue(Small.View, Small.With("edge", static n => n with { Name = "other" }), Soon));
        Assert.True(Replanning.Default.IsDue(Small.View,
            Small.View with { Links = [Small.View.Links[0] with { Delay = Soon }, .. Small.View.Links[1..]] }, Soon));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Replanning { Seconds = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Replanning { Share = -.1 });
    }
}
