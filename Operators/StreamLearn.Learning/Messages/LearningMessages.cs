namespace StreamLearn.Learning;

/// <summary>How the messages of learning blocks are saved in a checkpoint: as their codecs write them, which lose nothing.</summary>
internal static class LearningMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        LearningCodecs.SavedWeights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Presences),
        MessageCodec.Of(LearningCodecs.Receipts), MessageCodec.Of(LearningCodecs.Activations),
        MessageCodec.Of(LearningCodecs.BoundaryGradients), MessageCodec.Of(LearningCodecs.SplitPlans),
        MessageCodec.Of(LearningCodecs.ExitPlans), MessageCodec.Of(LearningCodecs.Scores),
        MessageCodec.Of(LearningCodecs.SessionTransfers),
    ];
}
