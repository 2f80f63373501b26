namespace StreamLearn.Nodes;

/// <summary>Kinds and flags of the frames of this library. The numbers travel in frames and in the envelopes around them.</summary>
internal static class NodeFrames
{
    internal const byte PartTask = 20, PartResult = 21, ShardActivation = 22, ShardToken = 23, GenerationPlan = 24, StageReady = 25;

    /// <summary>A part task that cuts channels, not lines.</summary>
    internal const uint Channels = 1 << 22;
}
