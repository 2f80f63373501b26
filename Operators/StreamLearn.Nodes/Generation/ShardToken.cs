using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The token that follows those of a sequence: the last node's answer to the source. Immutable.</summary>
public sealed record ShardToken : ISized
{
    /// <summary>The node that generates: the token is for it.</summary>
    public required string Source { get; init; }

    /// <summary>Number of the plan under which it was made.</summary>
    public required long Plan { get; init; }

    /// <summary>The sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its place in the sequence, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The token.</summary>
    public required int Token { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;
}
