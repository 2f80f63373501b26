namespace StreamLearn.Learning;

/// <summary>The codecs of learning messages.</summary>
/// <remarks> One frame, little-endian: magic <c>SLML</c>, format version (1), kind (1 weights, 2 delta, 3 presence, 4 activations, 5
/// gradients, 6 split plan, 7 exit plan, 8 receipt, 9 score, 10 session), flags, fields, CRC-32C of all before. Flags name the optional
/// parts, which follow in this order: 1 moments, 4 invitations, 8 directives, 16 round time, 32 labels, 64 move, 128 part of a model, 256
/// device, 512 steps taken back, 1024 ranges, 2048 epoch of the base and wait for credit, 4096 version held, 8192 epoch of the version.
/// Flags without a part: 2 the device leaves, 16384 the update is a resend. Further flags need a wider header. Damaged, truncated or
/// unknown frames and directives out of range are refused. Values need not be finite; the aggregator checks them. </remarks>
public static class LearningCodecs
{
    /// <summary>Model versions: <c>weights/1</c>.</summary>
    public static ICodec<Weights> Weights { get; } = FrameFields.Codec<Weights>(
        "weights/1", WeightsCodec.Fields, FrameKind.Weights, waitsForCheckpoint: true);

    /// <summary>Model versions in a checkpoint, with <see cref="StreamLearn.Models.Weights.Recipient"/>. The recipient is not sent, but
    /// determines the topic of a queued version.</summary>
    public static MessageCodec SavedWeights { get; } = MessageCodec.Of<Weights>("weights-to/1", State);

    /// <summary>Directives as in versions: <c>directive/1</c>.</summary>
    public static ICodec<Directive> Directives { get; } = new DirectiveCodec();

    /// <summary>Device updates: <c>delta/3</c>.</summary>
    public static ICodec<WeightDelta> Deltas => DeltaCodec.Any;

    /// <summary>Returns the codec for updates of one model. It refuses larger updates before allocating memory, and reads only identity and
    /// schema hash from updates of other models.</summary>
    public static ICodec<WeightDelta> DeltasOf(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new DeltaCodec(Math.Max(1, plan.Values), plan.SchemaHash);
    }

    /// <summary>Device presences: <c>presence/1</c>.</summary>
    public static ICodec<Presence> Presences { get; } = FrameFields.Codec<Presence>("presence/1", Presence.Fields, FrameKind.Presence);

    /// <summary>Presences with <see cref="Presence.Offer"/>: <c>offer/1</c>.</summary>
    public static ICodec<Presence> Offers { get; } = new OfferCodec();

    /// <summary>Aggregator answers to devices: <c>receipt/1</c>.</summary>
    public static ICodec<Receipt> Receipts { get; } = FrameFields.Codec<Receipt>(
        "receipt/1", Receipt.Fields, FrameKind.Receipt, waitsForCheckpoint: true);

    /// <summary>Device scores: <c>score/1</c>.</summary>
    public static ICodec<DeviceScore> Scores { get; } = ScoreCodec.Of(DeviceScore.MaxClasses, isExact: false);

    /// <summary>Returns the codec for scores of one model. It refuses other numbers of classes before allocating memory.</summary>
    /// <param name="classes">Classes of the model, 0 to <see cref="DeviceScore.MaxClasses"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside that range.</exception>
    public static ICodec<DeviceScore> ScoresOf(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, DeviceScore.MaxClasses);
        return ScoreCodec.Of(classes, isExact: true);
    }

    /// <summary>Forward batches between layers: <c>activations/1</c>.</summary>
    public static ICodec<Activations> Activations { get; } = FrameFields.Codec<Activations>(
        "activations/1", StreamLearn.Learning.Activations.Fields, FrameKind.Activations);

    /// <summary>Backward gradients: <c>gradients/1</c>.</summary>
    public static ICodec<BoundaryGradients> BoundaryGradients { get; } = FrameFields.Codec<BoundaryGradients>(
        "gradients/1", StreamLearn.Learning.BoundaryGradients.Fields, FrameKind.Gradients);

    /// <summary>Split moves: <c>split-plan/1</c>.</summary>
    public static ICodec<SplitPlan> SplitPlans { get; } = FrameFields.Codec<SplitPlan>(
        "split-plan/1", SplitPlan.Fields, FrameKind.SplitPlan);

    /// <summary>Sessions moving between edges: <c>session/1</c>.</summary>
    public static ICodec<SessionTransfer> SessionTransfers { get; } = FrameFields.Codec<SessionTransfer>(
        "session/1", SessionTransfer.Fields, FrameKind.Session, waitsForCheckpoint: true);

    /// <summary>Early-exit thresholds: <c>exit-plan/1</c>.</summary>
    public static ICodec<ExitPlan> ExitPlans { get; } = FrameFields.Codec<ExitPlan>(
        "exit-plan/1", ExitPlanCodec.Fields, FrameKind.ExitPlan);

    private static void State(ref StateStream s, ref Weights version)
    {
        var recipient = s.Text(version?.Recipient);
        s.Value(ref version!, Weights);
        if (s.IsReading) { version = version with { Recipient = recipient }; }
    }

    /// <summary>The codecs with which a checkpoint saves the messages of learning blocks without loss.</summary>
    public static IReadOnlyList<MessageCodec> Messages { get; } =
    [
        SavedWeights, MessageCodec.Of(Deltas), MessageCodec.Of(Presences),
        MessageCodec.Of(Receipts), MessageCodec.Of(Activations),
        MessageCodec.Of(BoundaryGradients), MessageCodec.Of(SplitPlans),
        MessageCodec.Of(ExitPlans), MessageCodec.Of(Scores),
        MessageCodec.Of(SessionTransfers),
    ];
}
