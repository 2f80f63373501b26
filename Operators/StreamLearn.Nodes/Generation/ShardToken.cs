namespace StreamLearn.Nodes;

/// <summary>The next token of a sequence, from the last node to the source. Immutable.</summary>
public sealed record ShardToken : ISized
{
    /// <summary>The source that receives it.</summary>
    public required string Source { get; init; }

    /// <summary>Number of its plan.</summary>
    public required long Plan { get; init; }

    /// <summary>The sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Index in the sequence, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The token.</summary>
    public required int Token { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;

    internal static ShardToken? Fields(ref FrameFields f, ShardToken? t)
    {
        var (source, plan, sequence) = (f.Text(t?.Source), f.Long(t?.Plan), f.Long(t?.Sequence));
        var (position, token) = (f.Int(t?.Position, min: 0), f.Int(t?.Token, min: 0));
        return !f.HasRead() ? t : new() { Source = source, Plan = plan, Sequence = sequence, Position = position, Token = token };
    }
}
