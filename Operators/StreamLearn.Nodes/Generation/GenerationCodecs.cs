using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of distributed generation: frames as of <see cref="LearningCodecs"/>, kinds 20 to 23.</summary>
public static class GenerationCodecs
{
    /// <summary>Activations between blocks: <c>shard-activation/1</c>.</summary>
    public static ICodec<ShardActivation> Activations { get; } = new ShardActivationCodec();

    /// <summary>Tokens for the source: <c>shard-token/1</c>.</summary>
    public static ICodec<ShardToken> Tokens { get; } = new ShardTokenCodec();

    /// <summary>Assignments of blocks to nodes: <c>generation-plan/1</c>.</summary>
    public static ICodec<GenerationPlan> Plans { get; } = new GenerationPlanCodec();

    /// <summary>Stages' answers to a plan: <c>stage-ready/1</c>.</summary>
    public static ICodec<StageReady> Ready { get; } = new StageReadyCodec();

    internal static IReadOnlyList<MessageCodec> Saved { get; } =
    [
        MessageCodec.Of(Activations), MessageCodec.Of(Tokens), MessageCodec.Of(Plans), MessageCodec.Of(Ready),
        MessageCodec.Of<Prompt>("prompt/1", Prompt.State), MessageCodec.Of<GeneratedToken>("generated-token/1", GeneratedToken.State),
    ];
}
