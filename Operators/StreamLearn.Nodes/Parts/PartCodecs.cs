namespace StreamLearn.Nodes;

// Kinds 20 (task) and 21 (result).
public static partial class NodesCodecs
{
    /// <summary>Parts to compute: <c>part-task/1</c>.</summary>
    public static ICodec<PartTask> PartTasks { get; } = FrameFields.Codec<PartTask>("part-task/1", PartTask.Fields, NodeFrames.PartTask);

    /// <summary>Parts computed: <c>part-result/1</c>.</summary>
    public static ICodec<PartResult> PartResults { get; } = FrameFields.Codec<PartResult>(
        "part-result/1", PartResult.Fields, NodeFrames.PartResult);

    internal static IReadOnlyList<MessageCodec> PartMessages { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(PartTasks), MessageCodec.Of(PartResults)];
}
