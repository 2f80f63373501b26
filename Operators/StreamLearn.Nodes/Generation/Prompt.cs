using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Tokens that a model is to continue. Immutable.</summary>
public sealed record Prompt : ISized
{
    /// <summary>Number of the sequence, which no other one that is under way may have.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its first tokens, at least one.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Tokens to generate at most, at least 1. A sequence also ends where the model's context is full.</summary>
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
