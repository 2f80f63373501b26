namespace StreamLearn.Nodes;

/// <summary>Activations of a sequence's tokens on their way to the next node. Immutable.</summary>
/// <remarks>Usually one token; after a new plan, all so far.</remarks>
public sealed record ShardActivation : ISized
{
    /// <summary>The generating node.</summary>
    public required string Source { get; init; }

    /// <summary>The receiving node.</summary>
    public required string To { get; init; }

    /// <summary>Number of its plan.</summary>
    public required long Plan { get; init; }

    /// <summary>The sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Index of the first token, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The next block.</summary>
    public required int Block { get; init; }

    /// <summary>True if the answering token ends the sequence, whose state may be released.</summary>
    public bool IsLast { get; init; }

    /// <summary>The values, float32, <c>[tokens, width]</c>.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"sequence {Sequence} from {Position} before block {Block}, plan {Plan}, to {To}";
}
