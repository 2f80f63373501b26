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

    private static NamedStrategy Read(string keys) => ConfigTree.Parse("a.yaml", $"strategy: {{ adaptive_tau: {keys} }}")
        .Read(static map => StrategyNames.Read(map["strategy"])).Value;
}
