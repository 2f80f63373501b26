namespace StreamLearn.Mqtt;

internal readonly ref struct Frame(PacketType type, byte flags, ReadOnlySpan<byte> body)
{
    internal PacketType Type { get; } = type;

    /// <summary>The lower four bits of the first byte.</summary>
    internal byte Flags { get; } = flags;

    internal ReadOnlySpan<byte> Body { get; } = body;
}

internal enum FrameState
{
    More,

    Whole,

    Fault,
}
