namespace StreamLearn.Nodes.Tests;

public sealed class CorrectionTests
{
    [Fact]
    public void The_factor_moves_by_a_fifth_of_the_way_to_each_ratio()
    {
        var once = new Correction().After("pi", "conv", predicted: 2, measured: 4);
        Assert.Equal(1.2, once.Factor("pi", "conv"), 1e-12);
        Assert.Equal(1.2 + (.2 * (3 - 1.2)), once.After("pi", "conv", 1, 3).Factor("pi", "conv"), 1e-12);
        Assert.Equal((1, 1, 1), (once.Factor("pi", "dense"), once.Factor("pi"), once.Factor("nano", "conv")));
    }

    [Theory, InlineData(0, 1), InlineData(1, 0), InlineData(1, double.NaN), InlineData(-1, 1)]
    public void What_is_no_positive_ratio_changes_nothing(double predicted, double measured) =>
        Assert.Equal(1, new Correction().After("pi", "", predicted, measured).Factor("pi"));

    [Fact]
    public void A_device_that_has_left_is_forgotten()
    {
        var both = new Correction().After("pi", "", 1, 2).After("nano", "", 1, 2);
        Assert.Equal((1, 1.2), (both.Without("pi").Factor("pi"), both.Without("pi").Factor("nano")));
    }

    [Fact]
    public void Times_are_corrected_layer_by_layer()
    {
        var correction = new Correction(share: 1).After("pi", "conv", 1, 2).After("pi", "dense", 1, .5);
        var times = correction.Apply("pi", Small.Times, ["conv", "conv", "dense"]);
        Assert.Equal([.2, .6, .65], times.Forward.Select(static t => Math.Round(t, 12)));
        Assert.Equal([.4, 1.2, 1.3], times.Backward.Select(static t => Math.Round(t, 12)));
        Assert.Throws<ArgumentException>(() => correction.Apply("pi", Small.Times, ["conv"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Correction(0));
    }
}
