namespace Partition.Tests;

public sealed class TrainCommandTests
{
    [Fact]
    public async Task Plans_of_each_planner_are_printed()
    {
        var output = new StringWriter();

        Assert.Equal(0, await CommandLine.RunAsync(["train"], output));

        Assert.Equal(5, output.ToString().Split("device  layers").Length - 1);
        Assert.Contains("nano-1  nano-1 0-3, edge 4-6     0.251       25.1       72.8", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alpha_and_a_trace_change_the_plans()
    {
        var trace = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trace, "# seconds, bits a second\n0,1e6\n100,40e6\n", TestContext.Current.CancellationToken);

            Assert.Contains("nano-1  nano-1 0-6", await Joint("--set", "alpha=1", "--set", $"uplink={trace}"), StringComparison.Ordinal);
            Assert.Contains("nano-1  nano-1 0-3", await Joint("--set", "alpha=.25"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(trace);
        }

        static async Task<string> Joint(params string[] options)
        {
            var output = new StringWriter();
            Assert.Equal(0, await CommandLine.RunAsync(["train", .. options], output));
            return output.ToString()[output.ToString().IndexOf("all together", StringComparison.Ordinal)..];
        }
    }

    [Theory]
    [InlineData("--set", "alpha=1.1")]
    [InlineData("--set", "alpha")]
    [InlineData("--set", "uplink=/no/such/file")]
    [InlineData("--set", "speed=1")]
    [InlineData("--seed", "-1")]
    [InlineData("--json", "figures.json")]
    [InlineData("--tabels")]
    public async Task Options_that_are_not_as_expected_end_with_2(params string[] options) =>
        Assert.Equal(2, await CommandLine.RunAsync(["train", .. options], new StringWriter()));

    [Theory]
    [InlineData("alpha=x", "--set alpha: expected 0 to 1, got 'x'")]
    [InlineData("downlink=", "--set downlink: ")]
    [InlineData("what", "--set: expected alpha=, uplink= or downlink=, got 'what'")]
    public void A_setting_that_is_refused_says_what_was_expected(string text, string message) => Assert.StartsWith(
        message, Assert.Throws<FormatException>(() => new TrainSettings().With(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", "line 1: expected seconds,bits a second, got '1'")]
    [InlineData("0,0", "line 1: expected seconds,bits a second, got '0,0'")]
    [InlineData("0,1\n0,2", "line 2: expected a time after 0, got '0,2'")]
    [InlineData("\n# nothing", ": expected a line at least, got none")]
    public void A_trace_that_is_none_says_which_line(string text, string message)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);

            Assert.EndsWith(message, Assert.Throws<FormatException>(() => RateTrace.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_rate_is_that_of_the_last_change()
    {
        var trace = new RateTrace([(10, 1), (20, 2), (30, 3)]);

        Assert.Equal([1, 1, 2, 2, 3], new[] { 0.0, 19, 20, 29.9, 100 }.Select(trace.At));
    }
}
