using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of a model that generates on several nodes: frames as those of <see cref="LearningCodecs"/>, of the kinds 20 to 23.
/// </summary>
public static class GenerationCodecs
{
    /// <summary>Tokens between two blocks: <c>shard-activation/1</c>.</summary>
    public static ICodec<ShardActivation> Activations { get; } = new ShardActivationCodec();

    /// <summary>Tokens that come back to the source: <c>shard-token/1</c>.</summary>
    public static ICodec<ShardToken> Tokens { get; } = new ShardTokenCodec();

    /// <summary>Which node runs which blocks: <c>generation-plan/1</c>.</summary>
    public static ICodec<GenerationPlan> Plans { get; } = new GenerationPlanCodec();

    /// <summary>Answers of stages to a plan: <c>stage-ready/1</c>.</summary>
    public static ICodec<StageReady> Ready { get; } = new StageReadyCodec();

    /// <summary>How they are saved in a checkpoint.</summary>
    internal static IReadOnlyList<MessageCodec> Saved { get; } =
    [
        MessageCodec.Of(Activations), MessageCodec.Of(Tokens), MessageCodec.Of(Plans), MessageCodec.Of(Ready),
        MessageCodec.Of<Prompt>("prompt/1", Prompt.State), MessageCodec.Of<GeneratedToken>("generated-token/1", GeneratedToken.State),
    ];
}
