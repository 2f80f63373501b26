namespace StreamLearn.Fleets;

internal static class UpdateMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        LearningCodecs.SavedWeights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Receipts),
    ];

    internal static IReadOnlyList<MessageCodec> OfSites { get; } = [.. All, MessageCodec.Of(SiteSignal.Codec)];
}
