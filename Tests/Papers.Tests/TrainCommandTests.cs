namespace Partition.Tests;

public sealed class TrainCommandTests
{
    [Fact]
    public async Task Plans_of_each_planner_are_printed()
    {
        var output = new StringWriter();

        Assert.Equal(0, await CommandLine.RunAsync(["train"], output));

        Assert.StartsWith("vgg5 on two Pi 3 and three Jetson Nano; 40 Mbit/s up and 40 down, 8 bits a value, alpha 0.5; ",
            output.ToString(), StringComparison.Ordinal);
        Assert.Equal(5, output.ToString().Split("device  layers").Length - 1);
        Assert.Contains("nano-1  nano-1 0-3, edge 4-6     0.251       25.1       72.8", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alpha_and_a_trace_change_the_plans()
    {
        var trace = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trace, "t,bit/s\n0,1e6\n100,40e6\n", TestContext.Current.CancellationToken);

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
    [InlineData("--tables", "--fleet")]
    [InlineData("--fleet", "--set", "downlink=TRACE")]
    public async Task Options_that_are_not_as_expected_end_with_2(params string[] options)
    {
        var trace = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trace, "0,1e6\n", TestContext.Current.CancellationToken);
            Assert.Equal(2, await CommandLine.RunAsync(
                ["train", .. options.Select(option => option.Replace("TRACE", trace, StringComparison.Ordinal))], new StringWriter()));
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Theory]
    [InlineData("--fleet", "--set", "har=/no/such/folder")]
    [InlineData("--set", "cifar=/no/such/folder")]
    public async Task Data_that_cannot_be_read_ends_with_4(params string[] options) =>
        Assert.Equal(4, await CommandLine.RunAsync(["train", .. options], new StringWriter()));

    [Theory]
    [InlineData("alpha=x", "--set alpha: expected 0 to 1, got 'x'")]
    [InlineData("downlink=", "--set downlink: ")]
    [InlineData("what", "--set: expected alpha=, uplink=, downlink=, har= or cifar=, got 'what'")]
    public void A_setting_that_is_refused_says_what_was_expected(string text, string message) => Assert.StartsWith(
        message, Assert.Throws<FormatException>(() => new TrainSettings().With(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_rate_is_that_of_the_last_change_and_never_0()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "t,bit/s\n10,1e6\n20,2e6\n30,3e6\n");
            Assert.Equal([1e6, 1e6, 2e6, 2e6, 3e6], new[] { 0.0, 19, 20, 29.9, 100 }.Select(RateTrace.Read(path).At));

            File.WriteAllText(path, "0,1e6\n1,0\n");
            Assert.EndsWith("expected rates above 0, got 0", Refused($"uplink={path}"), StringComparison.Ordinal);
            File.WriteAllText(path, "0,1e6\n1\n");
            Assert.StartsWith($"--set uplink: {path}:2: expected a time and a rate", Refused($"uplink={path}"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        static string Refused(string text) => Assert.Throws<FormatException>(() => new TrainSettings().With(text)).Message;
    }
}
