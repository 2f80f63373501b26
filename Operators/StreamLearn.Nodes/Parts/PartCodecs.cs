using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The codecs of what nodes that share a block send each other: frames as those of <see cref="LearningCodecs"/>, of kind 20 (a
/// task) and 21 (a result).</summary>
public static class PartCodecs
{
    /// <summary>Parts to compute: <c>part-task/1</c>.</summary>
    public static ICodec<PartTask> Tasks { get; } = new PartTaskCodec();

    /// <summary>Parts computed: <c>part-result/1</c>.</summary>
    public static ICodec<PartResult> Results { get; } = new PartResultCodec();

    /// <summary>How they are saved in a checkpoint.</summary>
    internal static IReadOnlyList<MessageCodec> Saved { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(Tasks), MessageCodec.Of(Results)];
}
