using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Tokens of a sequence between two blocks, on their way to the next node. Immutable.</summary>
/// <remarks>Usually one token; after a new plan all tokens of the sequence up to then.</remarks>
public sealed record ShardActivation : ISized
{
    /// <summary>The node that generates.</summary>
    public required string Source { get; init; }

    /// <summary>The node that it is for.</summary>
    public required string To { get; init; }

    /// <summary>Number of the plan under which it was sent.</summary>
    public required long Plan { get; init; }

    /// <summary>The sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Place of the first token in its sequence, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The block that comes next: these are its inputs.</summary>
    public required int Block { get; init; }

    /// <summary>True if the sequence ends with the token that answers: what is held of it may be forgotten.</summary>
    public bool IsLast { get; init; }

    /// <summary>The values, float32, <c>[tokens, width]</c>.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"sequence {Sequence} from {Position} before block {Block}, plan {Plan}, to {To}";
}
