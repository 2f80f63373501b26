using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Codecs of nodes that share a block: frames as in <see cref="LearningCodecs"/>, kinds 20 (task) and 21 (result).</summary>
public static class PartCodecs
{
    /// <summary>Parts to compute: <c>part-task/1</c>.</summary>
    public static ICodec<PartTask> Tasks { get; } = new PartTaskCodec();

    /// <summary>Parts computed: <c>part-result/1</c>.</summary>
    public static ICodec<PartResult> Results { get; } = new PartResultCodec();

    internal static IReadOnlyList<MessageCodec> Saved { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(Tasks), MessageCodec.Of(Results)];
}
