using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>The codecs of learning messages.</summary>
/// <remarks>
/// One frame, little-endian: magic <c>SLML</c>, format version (1), kind (1 weights, 2 delta, 3 presence, 4 activations, 5 gradients, 6
/// split plan, 7 exit plan, 8 receipt, 9 score, 10 session), flags, the fields, and CRC-32C of all before it. Flags name the optional
/// parts, which follow the
/// fields in this order: 1
/// moments, 4 invitations, 8 directives, 16 round time, 32 labels, 64 move, 128 part of a model, 256 device, 512
/// steps taken back, 1024 ranges, 2048 epoch of the base and wait for credit, 4096 version held, 8192 epoch of the version; 2 has no part
/// and says that
/// the device leaves, 16384 that the update was sent before. Further flags take a wider header. A frame
/// without new parts has the bytes it always had.
/// What is damaged, cut or unknown is refused, and so is a directive out of its range. Values need not be finite: an aggregator decides
/// about that.
/// </remarks>
public static class LearningCodecs
{
    /// <summary>Model versions: <c>weights/1</c>.</summary>
    public static ICodec<Weights> Weights { get; } = new WeightsCodec();

    /// <summary>Model versions in a checkpoint: with <see cref="StreamLearn.Models.Weights.Recipient"/>, which does not travel, and by
    /// which a version that waited as the state was saved finds its topic.</summary>
    public static MessageCodec SavedWeights { get; } = MessageCodec.Of<Weights>("weights-to/1", State);

    /// <summary>What is asked of devices, as versions carry it: <c>directive/1</c>.</summary>
    public static ICodec<Directive> Directives { get; } = new DirectiveCodec();

    /// <summary>Updates of devices: <c>delta/3</c>.</summary>
    public static ICodec<WeightDelta> Deltas { get; } = new DeltaCodec();

    /// <summary>Updates of one model: one that says it has more values is refused, before memory is reserved for them.</summary>
    /// <param name="maxValues">Values of the model, at least 1.</param>
    /// <param name="schema">Hash of its schema: of an update of another model only its identity and schema hash are read; null: it may be
    /// of any model.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    public static ICodec<WeightDelta> DeltasOf(int maxValues, ulong? schema = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxValues, 1);
        return new DeltaCodec(maxValues, schema);
    }

    /// <summary>Updates of one model; of an update of another model only its identity and schema hash are read.</summary>
    /// <param name="plan">The model's plan.</param>
    public static ICodec<WeightDelta> DeltasOf(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return DeltasOf(Math.Max(1, plan.Values), plan.SchemaHash);
    }

    /// <summary>What devices say of themselves: <c>presence/1</c>.</summary>
    public static ICodec<Presence> Presences { get; } = new PresenceCodec();

    /// <summary>What a device says of itself together with <see cref="Presence.Offer"/>: <c>offer/1</c>.</summary>
    public static ICodec<Presence> Offers { get; } = new OfferCodec();

    /// <summary>What an aggregator answers to devices: <c>receipt/1</c>.</summary>
    public static ICodec<Receipt> Receipts { get; } = new ReceiptCodec();

    /// <summary>How devices answered their own rows: <c>score/1</c>.</summary>
    public static ICodec<DeviceScore> Scores { get; } = new ScoreCodec(DeviceScore.MaxClasses);

    /// <summary>Scores of one model: one of another number of classes is refused, before memory is reserved for it.</summary>
    /// <param name="classes">Classes of the model, 0 to <see cref="DeviceScore.MaxClasses"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are less or more.</exception>
    public static ICodec<DeviceScore> ScoresOf(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, DeviceScore.MaxClasses);
        return new ScoreCodec(classes, isExact: true);
    }

    /// <summary>Batches between two layers, on their way forward: <c>activations/1</c>.</summary>
    public static ICodec<Activations> Activations { get; } = new ActivationsCodec();

    /// <summary>Their gradients, on their way back: <c>gradients/1</c>.</summary>
    public static ICodec<BoundaryGradients> BoundaryGradients { get; } = new BoundaryGradientsCodec();

    /// <summary>Where a split is to move: <c>split-plan/1</c>.</summary>
    public static ICodec<SplitPlan> SplitPlans { get; } = new SplitPlanCodec();

    /// <summary>Sessions that move from edge to edge: <c>session/1</c>.</summary>
    public static ICodec<SessionTransfer> SessionTransfers { get; } = new SessionTransferCodec();

    /// <summary>Thresholds of early exits: <c>exit-plan/1</c>.</summary>
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
