using StreamLearn.Fleets;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>What the aggregator does, whatever machine it runs on.</summary>
/// <param name="Model">The model.</param>
/// <param name="Strategy">How it learns.</param>
/// <param name="OnRound">Called with each round.</param>
/// <param name="Delay">What versions wait for on their way; null, the default: nothing.</param>
public sealed record AggregatorPart(IModel Model, AdaptiveTau Strategy, Action<Round> OnRound, DelayOptions? Delay = null)
{
    /// <summary>Told what it sends and gets; null, the default: nobody asks.</summary>
    public Action<string>? Log { get; init; }
}
