using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>How rounds are saved in a checkpoint.</summary>
internal static class RoundMessages
{
    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        LearningCodecs.SavedWeights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Presences),
        MessageCodec.Of(LearningCodecs.Receipts), MessageCodec.Of(StrategyChoice.Codec), MessageCodec.Of(ForgottenDevice.Codec),
        MessageCodec.Of<Round>("round/2", Write, Read),
    ];

    private static void Write(StateWriter writer, Round round)
    {
        writer.Write(LearningCodecs.Weights, round.Averaged);
        writer.Write(ReferenceEquals(round.Made, round.Averaged));
        if (!ReferenceEquals(round.Made, round.Averaged)) { writer.Write(LearningCodecs.Weights, round.Made); }
        writer.Write(round.Contributions.Length);
        foreach (var contribution in round.Contributions) { writer.Write(contribution); }
        writer.Write(round.Refusals.Length);
        foreach (var refusal in round.Refusals) { writer.Write(refusal); }
        writer.Write(round.Stragglers.Length);
        foreach (var straggler in round.Stragglers) { writer.Write(straggler); }

        writer.Write(round.Missing);
        writer.Write((DateTimeOffset?)round.StartedAt);
        writer.Write((DateTimeOffset?)round.Ended);
        writer.Write(round.Strategy);
    }

    private static Round Read(ref StateReader reader)
    {
        var averaged = reader.Read(LearningCodecs.Weights);
        var made = reader.ReadBoolean() ? averaged : reader.Read(LearningCodecs.Weights);
        var contributions = new Contribution[reader.ReadInt32(0, OpenRound.MaxListed)];
        foreach (ref var contribution in contributions.AsSpan()) { contribution = reader.ReadContribution(); }
        var refusals = new RefusedUpdate[reader.ReadInt32(0, OpenRound.MaxListed)];
        foreach (ref var refusal in refusals.AsSpan()) { refusal = reader.ReadRefusal(); }
        var stragglers = new Straggler[reader.ReadInt32(0, OpenRound.MaxListed)];
        foreach (ref var straggler in stragglers.AsSpan()) { straggler = reader.ReadStraggler(); }
        return new()
        {
            Averaged = averaged,
            Made = made,
            Contributions = [.. contributions],
            Refusals = [.. refusals],
            Stragglers = [.. stragglers],
            Missing = reader.ReadInt32(0, int.MaxValue),
            StartedAt = reader.ReadTime() ?? default,
            Ended = reader.ReadTime() ?? default,
            Strategy = reader.ReadText(),
        };
    }
}
