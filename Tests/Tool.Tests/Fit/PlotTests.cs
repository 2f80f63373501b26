namespace Tool.Tests;

public sealed class PlotTests
{
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
