namespace StreamLearn.Nodes;

// Kinds 20 to 23.
public static partial class NodesCodecs
{
    /// <summary>Activations between blocks: <c>shard-activation/1</c>.</summary>
    public static ICodec<ShardActivation> ShardActivations { get; } = new ShardActivationCodec();

    /// <summary>Tokens for the source: <c>shard-token/1</c>.</summary>
    public static ICodec<ShardToken> ShardTokens { get; } = new ShardTokenCodec();

    /// <summary>Assignments of blocks to nodes: <c>generation-plan/1</c>.</summary>
    public static ICodec<GenerationPlan> GenerationPlans { get; } = new GenerationPlanCodec();

    /// <summary>Stages' answers to a plan: <c>stage-ready/1</c>.</summary>
    public static ICodec<StageReady> StagesReady { get; } = new StageReadyCodec();

    internal static IReadOnlyList<MessageCodec> GenerationMessages { get; } =
    [
        MessageCodec.Of(ShardActivations), MessageCodec.Of(ShardTokens), MessageCodec.Of(GenerationPlans), MessageCodec.Of(StagesReady),
        MessageCodec.Of<Prompt>("prompt/1", Prompt.State), MessageCodec.Of<GeneratedToken>("generated-token/1", GeneratedToken.State),
    ];
}
