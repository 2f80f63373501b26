namespace StreamLearn.Fleets;

internal static class RoundMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        LearningCodecs.SavedWeights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Presences),
        MessageCodec.Of(LearningCodecs.Receipts), MessageCodec.Of(StrategyChoice.Codec), MessageCodec.Of(ForgottenDevice.Codec),
        MessageCodec.Of<Round>("round/3", State),
    ];

    private static void State(ref StateStream s, ref Round round)
    {
        var averaged = s.Value(round?.Averaged, LearningCodecs.Weights);
        var made = s.Value(ReferenceEquals(round?.Made, round?.Averaged)) ? averaged : s.Value(round?.Made, LearningCodecs.Weights);
        var contributions = s.Items(round?.Contributions ?? [], OpenRound.MaxListed, StateMessages.State);
        var refusals = s.Items(round?.Refusals ?? [], OpenRound.MaxListed, StateMessages.State);
        var stragglers = s.Items(round?.Stragglers ?? [], OpenRound.MaxListed, StateMessages.State);
        var missing = s.Value(round?.Missing ?? 0, 0, int.MaxValue);
        var (startedAt, ended) = (s.Time(round?.StartedAt) ?? default, s.Time(round?.Ended) ?? default);
        var best = s.Value(round?.Best is not null) ? (s.Value(round?.Best?.Version ?? 0),
            new TimeSpan(s.Value(round?.Best?.NoBetterFor.Ticks ?? 0))) : ((long, TimeSpan)?)null;
        var strategy = s.Value(round?.Strategy ?? "");
        if (s.IsWriting) { return; }
        round = new()
        {
            Averaged = averaged,
            Made = made,
            Contributions = contributions,
            Refusals = refusals,
            Stragglers = stragglers,
            Missing = missing,
            StartedAt = startedAt,
            Ended = ended,
            Strategy = strategy,
            Best = best,
        };
    }
}
