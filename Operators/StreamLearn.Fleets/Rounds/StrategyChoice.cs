namespace StreamLearn.Fleets;

/// <summary>A strategy with a name, by which an aggregator can be told to go on with it.</summary>
/// <param name="Name">The name, 1 to 64 characters.</param>
/// <param name="Strategy">The strategy.</param>
public sealed record NamedStrategy(string Name, Strategy Strategy);

/// <summary>Tells an aggregator with which of its strategies to go on: from a barrier to asynchronous rounds, for example, while it
/// runs.</summary>
/// <remarks>
/// The open round ends with the updates that it has, by the rules under which they were taken, or without any, so that devices in
/// lock-step go on. What the rules keep from version to version (momentum, second moments) begins anew; the model, the fleet and its
/// scale stay.
/// </remarks>
/// <param name="Name">One of <see cref="AggregateOptions.Others"/>; empty: the strategy that the block was given.</param>
public sealed record StrategyChoice(string Name)
{
    /// <summary>The codec for a transport: the name in UTF-8.</summary>
    public static ICodec<StrategyChoice> Codec { get; } =
        new NameCodec<StrategyChoice>("strategy/1", minBytes: 0, static m => m.Name, static name => new(name));
}
