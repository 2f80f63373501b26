namespace StreamLearn.Simulation.Tests;

public sealed class LinkTraceTests
{
    [Fact]
    public void A_trace_with_a_header_has_its_rates_as_shares_and_its_zeros_as_outages()
    {
        var link = Read("seconds,bit/s\n0,40e6\n1.5, 15e6\n2,0\n3,0\n\n4,80000000\r\n9,0\n");
        Assert.Equal((40e6, 40e6, TimeSpan.Zero), (link.UpBitsPerSecond, link.DownBitsPerSecond, link.Delay));
        Assert.Equal([new(Ms(0), 1), new(Ms(1_500), .375), new(Ms(4_000), 2)], link.RateTrace);
        Assert.Equal([new(Ms(2_000), Ms(4_000)), new(Ms(9_000), VirtualTime.Never)], link.Outages);
        Assert.Same(link, link.Checked());
    }

    [Theory, InlineData("5,100\n6,50", 100), InlineData("5,0\n6,50", 50)]
    public void The_first_rate_holds_from_the_beginning(string text, double usual)
    {
        var link = Read(text);
        Assert.Equal(usual, link.UpBitsPerSecond);
        Assert.Equal(TimeSpan.Zero, link.Outages is [var outage] ? outage.From : link.RateTrace[0].At);
    }

    [Theory]
    [InlineData("0,1\n1", ":2: expected a time and a rate with a comma between them, got '1'")]
    [InlineData("0,1,2", ":1: expected a time and a rate with a comma between them, got '0,1,2'")]
    [InlineData("t,r\nt,r", ":2: expected a time of 0 to 1e9 s, got 't'")]
    [InlineData("t,5", ":1: expected a time of 0 to 1e9 s, got 't'")]
    [InlineData("-1,5", ":1: expected a time of 0 to 1e9 s, got '-1'")]
    [InlineData("0,1\n\n0,2", ":3: expected a time after 0 s, got '0'")]
    [InlineData("0,NaN", ":1: expected a rate of 0 to 1e15 bit/s, got 'NaN'")]
    [InlineData("0,-1", ":1: expected a rate of 0 to 1e15 bit/s, got '-1'")]
    [InlineData("0,1e16", ":1: expected a rate of 0 to 1e15 bit/s, got '1e16'")]
    [InlineData("0,1 Mbit", ":1: expected a rate of 0 to 1e15 bit/s, got '1 Mbit'")]
    [InlineData("", ": expected a line with a rate above 0, got none")]
    [InlineData("t,bit/s\n0,0", ": expected a line with a rate above 0, got none")]
    public void A_file_that_is_no_trace_is_refused_with_its_line(string text, string expected) =>
        Assert.EndsWith(expected, Assert.Throws<ScenarioException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.StartsWith("nowhere.csv: cannot be read: ",
            Assert.Throws<ScenarioException>(() => LinkProfile.ReadTrace("nowhere.csv")).Message,
            StringComparison.Ordinal);

    private static LinkProfile Read(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "trace.csv"), text);
        return LinkProfile.ReadTrace(Path.Combine(folder.Path, "trace.csv"));
    }
}
