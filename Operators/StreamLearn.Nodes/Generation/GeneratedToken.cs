namespace StreamLearn.Nodes;

/// <summary>A generated token. Immutable.</summary>
/// <param name="Sequence">Number of the sequence.</param>
/// <param name="Index">Number of the generated token, from 0.</param>
/// <param name="Token">The token.</param>
/// <param name="IsLast">True if it ends the sequence.</param>
public sealed record GeneratedToken(long Sequence, int Index, int Token, bool IsLast) : ISized
{
    /// <inheritdoc />
    public long SizeBytes => 48;

    internal static void State(ref StateStream s, ref GeneratedToken token)
    {
        var (sequence, index) = (s.Value(token?.Sequence ?? 0), s.Value(token?.Index ?? 0));
        var (value, isLast) = (s.Value(token?.Token ?? 0), s.Value(token?.IsLast ?? false));
        if (s.IsReading) { token = new(sequence, index, value, isLast); }
    }
}
