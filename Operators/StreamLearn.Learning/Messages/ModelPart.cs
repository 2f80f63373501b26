namespace StreamLearn.Learning;

/// <summary>Consecutive layers moving between sides, with their optimizer state. Immutable.</summary>
public sealed record ModelPart
{
    /// <summary>The first layer.</summary>
    public required int First { get; init; }

    /// <summary>The layer after the last.</summary>
    public required int End { get; init; }

    /// <summary>Values of these layers and the exits after them, in slice order.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Optimizer state of these values: <see cref="Optimizer.StateValues"/> each, kind by kind.</summary>
    public required ImmutableArray<float> State { get; init; }

    internal long SizeBytes => 32 + (4L * (Values.Length + State.Length));
}
