namespace StreamLearn.Fleets;

/// <summary>Switches a running aggregator to another strategy, such as from a barrier to asynchronous rounds.</summary>
/// <remarks>The open round ends with its updates, if any, under the old rules, so that devices in lock step continue. Momentum and second
/// moments are reset; model, fleet and scale stay.</remarks>
/// <param name="Name">One of <see cref="AggregateOptions.Others"/>; empty: the initial strategy of the block.</param>
public sealed record StrategyChoice(string Name)
{
    /// <summary>Codec: UTF-8 name.</summary>
    public static ICodec<StrategyChoice> Codec { get; } =
        new NameCodec<StrategyChoice>("strategy/1", minBytes: 0, static m => m.Name, static name => new(name));
}
