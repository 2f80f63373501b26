namespace Tool.Tests;

public sealed class PlotTests
{
    [Theory]
    [InlineData(0, 250, "0 50 100 150 200 250")]
    [InlineData(0, 248, "0 50 100 150 200")]
    [InlineData(0.17, 1, "0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 3, "0 1 2 3")]
    [InlineData(-0.5, 22.5, "0 5 10 15 20")]
    [InlineData(0, 1_250_000, "0 500,000 1,000,000")]
    [InlineData(4, 4, "4 5 6 7 8")]
    [InlineData(double.NaN, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    public void Ticks_stand_at_round_values(double low, double high, string expected)
    {
        var axis = Axis.Exact(low, high);

        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Fact]
    public void A_rounded_axis_ends_at_ticks()
    {
        var axis = Axis.Rounded(0.17, 0.93);

        Assert.Equal((0, 1), (axis.Low, axis.High));
        Assert.Equal(0.5, axis.Share(0.5));
        Assert.Equal(1, axis.Share(7));
    }

    [Fact]
    public void A_line_has_a_gap_where_a_value_is_none_and_a_dot_where_it_stands_alone() => Assert.Equal(
        "M0 0h0L500 5M1000 1h0",
        LineChart.PathOf([(0, 0), (1, 5), (1.5, double.NaN), (2, 1)], Axis.Exact(0, 2), y => y));

    [Theory]
    [InlineData(0.5, 2)]
    [InlineData(0.75, 3)]
    [InlineData(0.76, 4)]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    public void A_percentile_is_the_least_value_that_so_many_do_not_exceed(double share, int expected) =>
        Assert.Equal(expected, Figures.Percentile([1, 2, 3, 4], share));

    [Fact]
    public void Numbers_are_written_for_people()
    {
        Assert.Equal("90.3\u00a0%", Figures.Percent(0.9031));
        Assert.Equal("–", Figures.Percent(double.NaN));
        Assert.Equal("−0.4\u00a0points", Figures.Points(-0.004));
        Assert.Equal("1,310\u00a0updates", Figures.Count(1310, "update"));
        Assert.Equal("28\u00a0s", Figures.Seconds(28.04));
        Assert.Equal("2.5\u00a0s", Figures.Seconds(2.51));
        Assert.Equal("24.5\u00a0KiB", Figures.Bytes(25_100));
        Assert.Equal("2\u00a0Mbit/s", Figures.BitRate(2e6));
        Assert.Equal("51.9\u00a0µs", Figures.Nanoseconds(51_900));
        Assert.Equal("a, b and c", Figures.Listed(["a", "b", "c"]));
        Assert.Equal("person-0…", Figures.Short("person-012", 9));
    }
}
