namespace StreamLearn.Mqtt;

/// <summary>A whole packet: what its fixed header says, and what is after it.</summary>
internal readonly ref struct Frame(PacketType type, byte flags, ReadOnlySpan<byte> body)
{
    internal PacketType Type { get; } = type;

    /// <summary>The lower four bits of the first byte.</summary>
    internal byte Flags { get; } = flags;

    internal ReadOnlySpan<byte> Body { get; } = body;
}

/// <summary>What stands at the beginning of some bytes.</summary>
internal enum FrameState
{
    /// <summary>Not yet a whole packet.</summary>
    More,

    /// <summary>A packet.</summary>
    Whole,

    /// <summary>No packet: the connection has to end.</summary>
    Fault,
}
