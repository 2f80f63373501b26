namespace Aggregator.Tests;

/// <summary>The average that a file asks for, and that of a simulated fleet without a file.</summary>
public sealed class AveragingTests
{
    [Theory]
    [InlineData("fedavg: { devices: 3 }", "devices: 100", "polynomial 3 to 0.98")]
    [InlineData("fedavg: { devices: 3 }", "average: true", "polynomial 30 to 0.98")]        // as config init writes for one class each
    [InlineData("fedavg: { devices: 3 }", "average: false", "none")]
    [InlineData("fedbuff: { updates: 3 }", "devices: 100", "polynomial 30 to 0.98")]
    [InlineData("fedbuff: { updates: 3 }", "average: true", "polynomial 30 to 0.98")]
    [InlineData("fedbuff: { updates: 3 }", "average: false", "none")]
    public void Versions_of_a_barrier_are_averaged_unless_the_file_says_not(string strategy, string key, string averaging)
    {
        var config = ConfigTree.Parse("a.yaml", $"streamlearn: 1\nfleet: plant\nlink: {{ url: 'mqtt://localhost' }}\n"
            + $"aggregate: {{ strategy: {{ {strategy} }}, {key}, round_timeout: 5m }}").Read(AggregatorConfig.Read).Value;

        var rules = AggregatorCommands.OptionsOf(config, epoch: 0, static _ => { }).Rules;

        Assert.Equal((averaging, TimeSpan.FromMinutes(5)), ($"{rules.Averaging}", rules.RoundTimeout));
        Assert.Equal(averaging == $"{Averaging.For(config.Strategy.Strategy)}", !key.Contains("average", StringComparison.Ordinal)
            || (config.Strategy.Name == "fedbuff" && config.Average == true));
    }
}
