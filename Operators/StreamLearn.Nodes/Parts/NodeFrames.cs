namespace StreamLearn.Nodes;

/// <summary>The kinds and flags of this library's frames. The numbers are part of frames and of the envelopes around them.</summary>
internal static class NodeFrames
{
    internal const byte PartTask = 20, PartResult = 21, ShardActivation = 22, ShardToken = 23, GenerationPlan = 24, StageReady = 25;

    /// <summary>A part task that divides channels, not lines.</summary>
    internal const uint Channels = 1 << 22;
}
