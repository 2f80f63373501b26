using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>A stage has taken up a plan: its answer to the source. Immutable.</summary>
public sealed record StageReady : ISized
{
    /// <summary>The node that generates: the answer is for it.</summary>
    public required string Source { get; init; }

    /// <summary>The stage.</summary>
    public required string Node { get; init; }

    /// <summary>Number of the plan.</summary>
    public required long Plan { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;
}
