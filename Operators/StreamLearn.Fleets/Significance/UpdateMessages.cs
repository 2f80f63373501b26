using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>How the messages of blocks that updates go through are saved in a checkpoint.</summary>
internal static class UpdateMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        LearningCodecs.SavedWeights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Receipts),
    ];

    internal static IReadOnlyList<MessageCodec> OfSites { get; } = [.. All, MessageCodec.Of(SiteCodecs.SiteSignals)];
}
