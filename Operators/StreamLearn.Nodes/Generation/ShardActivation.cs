namespace StreamLearn.Nodes;

/// <summary>Activations of a sequence's tokens on their way to the next node. Immutable.</summary>
/// <remarks>Usually those of one token; after a new plan, those of all tokens so far.</remarks>
public sealed record ShardActivation : ISized
{
    /// <summary>The generating node.</summary>
    public required string Source { get; init; }

    /// <summary>The node that receives them.</summary>
    public required string To { get; init; }

    /// <summary>Number of its plan.</summary>
    public required long Plan { get; init; }

    /// <summary>The sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Index of the first token, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The next block.</summary>
    public required int Block { get; init; }

    /// <summary>True if the token that answers ends the sequence, so that its state may be released.</summary>
    public bool IsLast { get; init; }

    /// <summary>The values, float32, <c>[tokens, width]</c>.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"sequence {Sequence} from {Position} before block {Block}, plan {Plan}, to {To}";

    internal static ShardActivation? Fields(ref FrameFields f, ShardActivation? a)
    {
        var (source, to, plan, sequence) = (f.Text(a?.Source), f.Text(a?.To), f.Long(a?.Plan), f.Long(a?.Sequence));
        var (position, block, isLast) = (f.Int(a?.Position, min: 0), f.Int(a?.Block, min: 0), f.Truth(a?.IsLast));
        var values = f.Values(a?.Values);
        return !f.HasRead() ? a : new()
        {
            Source = source,
            To = to,
            Plan = plan,
            Sequence = sequence,
            Position = position,
            Block = block,
            IsLast = isLast,
            Values = values,
        };
    }
}
