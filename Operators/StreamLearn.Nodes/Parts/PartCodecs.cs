namespace StreamLearn.Nodes;

// Kinds 20 (task) and 21 (result).
public static partial class NodesCodecs
{
    /// <summary>Parts to compute: <c>part-task/1</c>.</summary>
    public static ICodec<PartTask> PartTasks { get; } = new PartTaskCodec();

    /// <summary>Parts computed: <c>part-result/1</c>.</summary>
    public static ICodec<PartResult> PartResults { get; } = new PartResultCodec();

    internal static IReadOnlyList<MessageCodec> PartMessages { get; } =
        [.. LearningCodecs.Messages, MessageCodec.Of(PartTasks), MessageCodec.Of(PartResults)];
}
