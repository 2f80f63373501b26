namespace StreamLearn.Learning;

/// <summary>Flags of frames. The numbers are part of the wire format.</summary>
internal static class FrameFlags
{
    internal const uint Moments = 1;
    internal const uint Leaving = 2;
    internal const uint Invited = 4;
    internal const uint Directives = 8;
    internal const uint RoundTime = 16;
    internal const uint Labels = 32;
    internal const uint Move = 64;
    internal const uint Part = 128;
    internal const uint Device = 256;
    internal const uint RolledBack = 512;
    internal const uint Ranges = 1024;
    internal const uint Credit = 2048;
    internal const uint Held = 4096;
    internal const uint Epoch = 8192;
    internal const uint Resent = 16384;
    internal const uint Capabilities = 32768;
    internal const uint Estimate = 1 << 16;
    internal const uint Sparse = 1 << 17;
    internal const uint Round = 1 << 18;
    internal const uint Edge = 1 << 19;
    internal const uint Void = 1 << 20;
    internal const uint Resources = 1 << 21;
    // 1 << 22: StreamLearn.Nodes
    internal const uint HeldBack = 1 << 23;
    internal const uint Resting = 1 << 24;
    internal const uint Coded = 1 << 25;
    internal const uint Model = 1 << 26;
    internal const uint Seal = 1 << 27;
    internal const uint Fingerprints = 1 << 28;
}
