namespace StreamLearn.Nodes;

/// <summary>Tokens to continue. Immutable.</summary>
public sealed record Prompt : ISized
{
    /// <summary>Number of the sequence, unique among those in progress.</summary>
    public required long Sequence { get; init; }

    /// <summary>The first tokens, at least one.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Maximum number of tokens to generate, at least 1. A full context also ends a sequence.</summary>
    public required int MaxTokens { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (4L * Tokens.Length);

    internal static void State(ref StateStream s, ref Prompt prompt)
    {
        var (sequence, most) = (s.Value(prompt?.Sequence ?? 0), s.Value(prompt?.MaxTokens ?? 0));
        var tokens = s.Array(prompt?.Tokens ?? [], int.MaxValue);
        if (s.IsReading) { prompt = new() { Sequence = sequence, MaxTokens = most, Tokens = tokens }; }
    }
}
