namespace StreamLearn.Nats;

/// <summary>A part of some bytes.</summary>
internal readonly record struct NatsPart(int Start, int Length)
{
    internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}
