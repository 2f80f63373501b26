using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Consecutive layers of a network on their way from one side to the other, with what the optimizer remembers of them.
/// Immutable.</summary>
public sealed record ModelPart
{
    /// <summary>The first layer.</summary>
    public required int First { get; init; }

    /// <summary>The layer after the last.</summary>
    public required int End { get; init; }

    /// <summary>The values of these layers and of the exits after them, in the order of the model plan's slices.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>What the optimizer remembers of these values: <see cref="Optimizer.StateValues"/> for each, kind by kind.</summary>
    public required ImmutableArray<float> State { get; init; }

    internal long SizeBytes => 32 + (4L * (Values.Length + State.Length));
}
