namespace StreamLearn.Nodes;

// Kinds 20 to 23.
public static partial class NodesCodecs
{
    /// <summary>Activations between blocks: <c>shard-activation/1</c>.</summary>
    public static ICodec<ShardActivation> ShardActivations { get; } = FrameFields.Codec<ShardActivation>(
        "shard-activation/1", ShardActivation.Fields, NodeFrames.ShardActivation);

    /// <summary>Tokens for the source: <c>shard-token/1</c>.</summary>
    public static ICodec<ShardToken> ShardTokens { get; } = FrameFields.Codec<ShardToken>(
        "shard-token/1", ShardToken.Fields, NodeFrames.ShardToken);

    /// <summary>Assignments of blocks to nodes: <c>generation-plan/1</c>.</summary>
    public static ICodec<GenerationPlan> GenerationPlans { get; } = FrameFields.Codec<GenerationPlan>(
        "generation-plan/1", GenerationPlan.Fields, NodeFrames.GenerationPlan);

    /// <summary>Stages' answers to a plan: <c>stage-ready/1</c>.</summary>
    public static ICodec<StageReady> StagesReady { get; } = FrameFields.Codec<StageReady>(
        "stage-ready/1", StageReady.Fields, NodeFrames.StageReady);

    internal static IReadOnlyList<MessageCodec> GenerationMessages { get; } =
    [
        MessageCodec.Of(ShardActivations), MessageCodec.Of(ShardTokens), MessageCodec.Of(GenerationPlans), MessageCodec.Of(StagesReady),
        MessageCodec.Of<Prompt>("prompt/1", Prompt.State), MessageCodec.Of<GeneratedToken>("generated-token/1", GeneratedToken.State),
    ];
}
