namespace StreamLearn.Fleets;

/// <summary>Blocks for federated fleets.</summary>
public static partial class FleetFlowExtensions
{
    /// <summary>Makes model versions from the updates of a fleet, by the five rules of a strategy.</summary>
    /// <remarks> Shape: updates in, versions out; <see cref="Presence"/> on the control input (<c>ControlledBy</c>). State: weights,
    /// strategy slots, members, scale, open round; of custom rules only <see cref="ServerState"/> and <see cref="FleetView.Memory"/> are
    /// saved. Cost: O(values) per update, O(devices) per version if a strategy selects or directs. Emits: a version for devices (main) and
    /// its round (side), with the model in use, an average of versions. Running statistics are averaged by update weight and never clipped.
    /// Both carry the fleet's row moments, merged by Chan's rule, which set the model's scale. A version names invited devices and
    /// directives. Claims of devices are capped: weights by <see cref="AggregateOptions.MaxWeight"/> and
    /// <see cref="AggregateOptions.MaxShare"/>, steps by elapsed time, rows by share (<c>updates-capped</c>, <c>rows-capped</c>). If an
    /// update accepted before three devices had sent any proves far too large, the model before it is restored (<c>models-taken-back</c>).
    /// A refused message affects only its device's record. Drops: <c>not-its-topic</c> (see <see cref="WeightDelta.TopicDevice"/>),
    /// <c>implausible-epoch</c> (over a day ahead), <c>quarantined</c> (ten minutes, after sixteen impossible or unusual messages),
    /// <c>flood</c> (twice all others' updates, too fast to stay fresh; with receipts also over 64 useless messages a second, unanswered),
    /// <c>share</c>, <c>schema</c>, <c>shape</c>, <c>fleet-full</c>, <c>fenced</c> (earlier start of the device), <c>identity</c> (repeated
    /// or superseded number), <c>version</c> (does not exist), <c>stale</c>, <c>non-finite</c>, <c>norm</c>, <c>uninvited</c>,
    /// <c>late-round</c>, <c>refused</c> (weight 0), <c>empty</c> (no steps, no moments), <c>rolled-back</c> (all steps), <c>no-samples</c>
    /// (steps without effect: see <see cref="TrainOptions.AdjustLogits"/>), <c>set-full</c>, <c>ended</c> (by <see cref="Rules.Steer"/>).
    /// Moments of late or uninvited updates count. A device refused for another reason has reported, so no barrier waits for it. An update
    /// with moments and no steps announces data. Source: the strategy's; averaging: Polyak, Juditsky (1992), in the form of
    /// <see cref="Averaging"/>. </remarks>
    /// <param name="updates">All devices' updates.</param>
    /// <param name="model">The model; version 0 contains its initial weights.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option or a strategy setting is out of range; thrown when the pipeline is built.</exception>
    public static Fork<Weights, Round> Aggregate(
        this Flow<WeightDelta> updates, IModel model, Strategy strategy, AggregateOptions? options = null)
    {
        return updates.Via("aggregate", Block(updates, model, strategy, options, receipts: false),
            static (AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds) =>
                new Aggregate(block, context, versions, rounds));
    }

    /// <summary>Makes versions as the other overload does. It also answers each update, and limits versions per device.</summary>
    /// <remarks> Sends each version once per device, as <see cref="Weights.Recipient"/>; while two are unconfirmed, only the newest waits.
    /// Updates and presences confirm the held version. The third output has a receipt for each update when accepted or refused, and another
    /// if later refused with its round. A repeated update is answered again and dropped as <c>duplicate</c>; one more than 64 numbers
    /// before the newest is refused as <c>identity</c>, one from an earlier aggregator's version as <c>old-epoch</c>. Counts
    /// <c>versions-sent</c>, <c>restored</c>, <c>announcements</c>, <c>rests</c>, <c>farewells</c> (without steps),
    /// <c>presences-fenced</c>, <c>strategy-changes</c>, <c>devices-quarantined</c>, <c>devices-forgotten</c> (by
    /// <see cref="ForgottenDevice"/> on a control input), <c>small-rounds</c> (see <see cref="Rules.WholeFrom"/>),
    /// <c>versions-implausible</c> (impossible claims), <c>presences-fleet-full</c>, <c>presences-not-its-topic</c> and so on (dropped
    /// presences); shows <c>updates-in-round</c>, accepted for the next version. </remarks>
    /// <param name="updates">All devices' updates.</param>
    /// <param name="model">The model; version 0 contains its initial weights.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="presences">The devices' presences.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option or a strategy setting is out of range; thrown when the pipeline is built.</exception>
    public static Fork<Weights, Round, Receipt> Aggregate(this Flow<WeightDelta> updates, IModel model, Strategy strategy,
        Flow<Presence> presences, AggregateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(presences);
        const int PerDevice = 4;        // waiting presences per device: one of each kind that does not replace another
        options ??= new();
        var waiting = Math.Clamp(PerDevice * options.MaxDevices, 1024, ushort.MaxValue);
        return updates.Via("aggregate", Block(updates, model, strategy, options, receipts: true),
            static (AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds,
                IOutput<Receipt> receipts) => new Aggregate(block, context, versions, rounds, receipts))
            .ControlledBy(presences.Buffer(waiting));
    }

    /// <summary>Extracts each round's version, to be retained for devices that join later.</summary>
    /// <remarks>Shape: rounds in, models out. State: none. Cost: none. Emits: one model per round.</remarks>
    /// <param name="rounds">The rounds.</param>
    public static Flow<Weights> Made(this Flow<Round> rounds)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        return rounds.Via("made", new AveragedBlock(),
            static (AveragedBlock _, OperatorContext _, IOutput<Weights> output) => new Made(output));
    }

    private static AggregateBlock Block(
        Flow<WeightDelta> updates, IModel model, Strategy strategy, AggregateOptions? options, bool receipts)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(strategy);
        options ??= new();
        options.Check();
        strategy.Check();
        return new(model, strategy, options, receipts);
    }

    /// <summary>Extracts each round's model in use.</summary>
    /// <remarks>Shape: rounds in, models out. State: none. Cost: none. Emits: one model per round.</remarks>
    /// <param name="rounds">The rounds.</param>
    public static Flow<Weights> Averaged(this Flow<Round> rounds)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        return rounds.Via("in-use", new AveragedBlock(),
            static (AveragedBlock _, OperatorContext _, IOutput<Weights> output) => new Averaged(output));
    }
}

internal sealed record AveragedBlock : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => RoundMessages.All;

    public override string ToString() => "";
}

internal sealed class Averaged(IOutput<Weights> output) : Operator<Round>
{
    public override void Process(Round input) => output.Emit(input.Averaged);
}

internal sealed class Made(IOutput<Weights> output) : Operator<Round>
{
    public override void Process(Round input) => output.Emit(input.Made);
}

internal sealed record AggregateBlock(IModel Model, Strategy Strategy, AggregateOptions Options, bool Receipts = false) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => RoundMessages.All;

    public int MaxOutputsPerCall => Receipts ? (2 * Downlink.MaxPerCall) + 4 : 2;

    /// <summary>A round contains two models.</summary>
    public long MessageBytes => 2 * Model.Plan.ParameterBytes;

    public string State => "weights, slots, members, scale, updates of the open round";

    internal IEnumerable<Apply> Applies => AllRules.Select(static r => r.Apply);

    private IEnumerable<Rules> AllRules => [Strategy.Rounds, .. Options.Others.Select(static o => o.Strategy.Rounds)];

    public long StateBytes(Schema? input)
    {
        var bases = Applies.Max(static a => a.Bases);
        var before = AllRules.Max(static r => r.WeakensSmallRounds ? 1 + (r.Apply.Streams ? 0 : r.Apply.Slots) : 0);
        var averages = Options.Averaging == Averaging.None ? 0 : 1;
        var models = 2L + Applies.Max(static a => a.Slots) + before + (bases == 0 ? 0 : bases + 1) + averages
            + (Options.Secret.IsEmpty ? 0 : 2);     // a restored version, and the bytes to sign
        var held = Applies.All(static a => a.Streams) ? Math.Min(Options.MaxHeldUpdates, OpenRound.HeldAtFirst) : Options.MaxHeldUpdates;
        return (Model.Plan.ParameterBytes * (models + held)) + (Member.Bytes * Options.MaxDevices) + OpenRound.ListBytes
            + RecentVersions.Bytes + StatisticsMean.Bytes(Model.Plan);
    }

    public override string ToString() =>
        $"{Strategy}, averaging {Options.Averaging}"
            + string.Concat(Options.Others.Select(static o => $"; or {o.Name}: {o.Strategy}"));
}
