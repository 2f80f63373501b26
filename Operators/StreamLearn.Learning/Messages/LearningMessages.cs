namespace StreamLearn.Learning;

/// <summary>How the messages of learning blocks are saved in a checkpoint: as their codecs write them, and what those leave out because
/// nobody else needs it.</summary>
internal static class LearningMessages
{
    /// <summary>Weights with their recipient, which a topic says on the wire.</summary>
    internal static MessageCodec Weights { get; } = MessageCodec.Of<Weights>("weights/1", Write, Read);

    internal static IReadOnlyList<MessageCodec> All { get; } =
    [
        Weights, MessageCodec.Of(LearningCodecs.Deltas), MessageCodec.Of(LearningCodecs.Presences),
        MessageCodec.Of(LearningCodecs.Receipts), MessageCodec.Of(LearningCodecs.Activations),
        MessageCodec.Of(LearningCodecs.BoundaryGradients), MessageCodec.Of(LearningCodecs.SplitPlans),
        MessageCodec.Of(LearningCodecs.ExitPlans),
    ];

    private static void Write(StateWriter writer, Weights weights)
    {
        writer.Write(weights);
        writer.Write(weights.Recipient is not null);
        writer.Write(weights.Recipient ?? "");
    }

    private static Weights Read(ref StateReader reader)
    {
        var weights = reader.Read(LearningCodecs.Weights);
        var (hasRecipient, recipient) = (reader.ReadBoolean(), reader.ReadText());
        return hasRecipient ? weights with { Recipient = recipient } : weights;
    }
}
