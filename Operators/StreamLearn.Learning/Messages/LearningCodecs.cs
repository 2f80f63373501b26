namespace StreamLearn.Learning;

/// <summary>The codecs of learning messages.</summary>
/// <remarks> One frame, little-endian: magic <c>SLML</c>, format version (1), kind (1 weights, 2 delta, 3 presence, 4 activations, 5
/// gradients, 6 split plan, 7 exit plan, 8 receipt, 9 score, 10 session), flags, fields, CRC-32C of all before. Flags name the optional
/// parts, which follow in this order: 1 moments, 4 invitations, 8 directives, 16 round time, 32 labels, 64 move, 128 part of a model, 256
/// device, 512 steps taken back, 1024 ranges, 2048 epoch of the base and wait for credit, 4096 version held, 8192 epoch of the version.
/// Without a part: 2 the device leaves, 16384 the update is a resend. Further flags take a wider header. Damaged, truncated or unknown
/// frames and directives out of range are refused. Values need not be finite; the aggregator checks them. </remarks>
public static class LearningCodecs
{
    /// <summary>Model versions: <c>weights/1</c>.</summary>
    public static ICodec<Weights> Weights { get; } = new WeightsCodec();

    /// <summary>Model versions in a checkpoint: with <see cref="StreamLearn.Models.Weights.Recipient"/>, which is not sent but gives a
    /// queued version its topic.</summary>
    public static MessageCodec SavedWeights { get; } = MessageCodec.Of<Weights>("weights-to/1", State);

    /// <summary>Directives as in versions: <c>directive/1</c>.</summary>
    public static ICodec<Directive> Directives { get; } = new DirectiveCodec();

    /// <summary>Device updates: <c>delta/3</c>.</summary>
    public static ICodec<WeightDelta> Deltas { get; } = new DeltaCodec();

    /// <summary>Returns the update codec of one model; refuses larger updates before allocating memory, and reads only identity and schema
    /// hash of other models' updates.</summary>
    /// <param name="plan">The model's plan.</param>
    public static ICodec<WeightDelta> DeltasOf(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new DeltaCodec(Math.Max(1, plan.Values), plan.SchemaHash);
    }

    /// <summary>Device presences: <c>presence/1</c>.</summary>
    public static ICodec<Presence> Presences { get; } = new PresenceCodec();

    /// <summary>Presences with <see cref="Presence.Offer"/>: <c>offer/1</c>.</summary>
    public static ICodec<Presence> Offers { get; } = new OfferCodec();

    /// <summary>Aggregator answers to devices: <c>receipt/1</c>.</summary>
    public static ICodec<Receipt> Receipts { get; } = new ReceiptCodec();

    /// <summary>Device scores: <c>score/1</c>.</summary>
    public static ICodec<DeviceScore> Scores { get; } = new ScoreCodec(DeviceScore.MaxClasses);

    /// <summary>Returns the score codec of one model; refuses other class counts before allocating memory.</summary>
    /// <param name="classes">Classes of the model, 0 to <see cref="DeviceScore.MaxClasses"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is outside that range.</exception>
    public static ICodec<DeviceScore> ScoresOf(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, DeviceScore.MaxClasses);
        return new ScoreCodec(classes, isExact: true);
    }

    /// <summary>Forward batches between layers: <c>activations/1</c>.</summary>
    public static ICodec<Activations> Activations { get; } = new ActivationsCodec();

    /// <summary>Backward gradients: <c>gradients/1</c>.</summary>
    public static ICodec<BoundaryGradients> BoundaryGradients { get; } = new BoundaryGradientsCodec();

    /// <summary>Split moves: <c>split-plan/1</c>.</summary>
    public static ICodec<SplitPlan> SplitPlans { get; } = new SplitPlanCodec();

    /// <summary>Sessions moving between edges: <c>session/1</c>.</summary>
    public static ICodec<SessionTransfer> SessionTransfers { get; } = new SessionTransferCodec();

    /// <summary>Early-exit thresholds: <c>exit-plan/1</c>.</summary>
    public static ICodec<ExitPlan> ExitPlans { get; } = new ExitPlanCodec();

    private static void State(ref StateStream s, ref Weights version)
    {
        var recipient = s.Text(version?.Recipient);
        s.Value(ref version!, Weights);
        if (s.IsReading) { version = version with { Recipient = recipient }; }
    }

    /// <summary>Codecs with which a checkpoint saves the messages of learning blocks, without loss.</summary>
    public static IReadOnlyList<MessageCodec> Messages { get; } =
    [
        SavedWeights, MessageCodec.Of(Deltas), MessageCodec.Of(Presences),
        MessageCodec.Of(Receipts), MessageCodec.Of(Activations),
        MessageCodec.Of(BoundaryGradients), MessageCodec.Of(SplitPlans),
        MessageCodec.Of(ExitPlans), MessageCodec.Of(Scores),
        MessageCodec.Of(SessionTransfers),
    ];
}
