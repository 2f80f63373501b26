namespace StreamLearn.Nodes;

/// <summary>A stage's answer that it has adopted a plan. Immutable.</summary>
public sealed record StageReady : ISized
{
    /// <summary>The receiving source.</summary>
    public required string Source { get; init; }

    /// <summary>The stage.</summary>
    public required string Node { get; init; }

    /// <summary>Number of the plan.</summary>
    public required long Plan { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;
}
