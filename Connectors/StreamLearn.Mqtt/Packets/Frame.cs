namespace StreamLearn.Mqtt;

internal readonly ref struct Frame(PacketType type, byte flags, ReadOnlySpan<byte> body)
{
    internal PacketType Type { get; } = type;

    /// <summary>The first byte's lower four bits.</summary>
    internal byte Flags { get; } = flags;

    internal ReadOnlySpan<byte> Body { get; } = body;
}

internal enum FrameState
{
    /// <summary>Incomplete.</summary>
    More,

    Whole,

    /// <summary>Invalid: the connection must end.</summary>
    Fault,
}
