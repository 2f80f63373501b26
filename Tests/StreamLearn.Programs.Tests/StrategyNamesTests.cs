using StreamLearn.Fleets;

namespace StreamLearn.Programs.Tests;

/// <summary>A budget as a file names it.</summary>
public sealed class StrategyNamesTests
{
    [Fact]
    public void A_budget_is_the_strategy_that_a_program_in_code_makes()
    {
        var read = Read("{ devices: 5, time: 20s, bytes: 8e6, learning_rate: 0.1, phi: 0.025, max_steps: 50, safe: true }");

        Assert.Equal(
            new AdaptiveTau(5)
            {
                Budget = [Resource.Time(TimeSpan.FromSeconds(20)), Resource.Bytes(8_000_000)],
                Settings = new() { LearningRate = 0.1, Phi = 0.025, MaxSteps = 50, IsSafe = true },
            }, read.Strategy);
        Assert.Equal(("adaptive_tau", 5, true),
            (read.Name, read.Strategy.Awaited, read.Strategy.IsBarrier));
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("0.1", 0.1)]
    public void Phi_is_a_number_or_found_while_learning(string phi, double? expected) =>
        Assert.Equal(expected, ((AdaptiveTau)Read($"{{ devices: 5, time: 20s, phi: {phi} }}").Strategy).Settings.Phi);

    [Fact]
    public void A_budget_of_nothing_is_refused()
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read("{ devices: 5 }"));

        Assert.Contains("strategy.adaptive_tau.time: expected a budget: time: 10m, or bytes: 8e6, or both", refused.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fedbuff: { updates: 7 }", 7, false, true)]
    [InlineData("fedasync: { devices: 7 }", 1, false, true)]
    [InlineData("fedavg: { devices: 7 }", 7, true, true)]
    [InlineData("fedavg: { devices: 7, deadline: 1m }", 7, true, true)]
    [InlineData("fedadam: { devices: 7, deadline_factor: 2 }", 7, true, true)]
    [InlineData("fedprox: { devices: 7 }", 7, true, false)]
    [InlineData("oneshot: { devices: 7 }", 7, true, false)]
    [InlineData("adaptive_tau: { devices: 7, time: 20s }", 7, true, false)]
    public void A_strategy_says_what_depends_on_it(string text, int awaited, bool isBarrier, bool allowsSplit)
    {
        var strategy = Parse(text).Strategy;

        Assert.Equal((awaited, isBarrier, allowsSplit), (strategy.Awaited, strategy.IsBarrier, strategy.AllowsSplit));
        Assert.Equal(strategy is AdaptiveTau, !strategy.Limits.IsEmpty);
    }

    private static (string Name, Strategy Strategy) Read(string keys) => Parse($"adaptive_tau: {keys}");

    private static (string Name, Strategy Strategy) Parse(string text) => ConfigTree.Parse("a.yaml", $"strategy: {{ {text} }}")
        .Read(static map => StrategyNames.Read(map["strategy"])).Value;
}
