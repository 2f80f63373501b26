using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Blocks of fleets that learn.</summary>
public static partial class FleetFlowExtensions
{
    /// <summary>Makes new versions of a model from the updates of a fleet, by the five rules of a strategy.</summary>
    /// <remarks>
    /// Shape: updates in, model versions out; on the control input, <c>ControlledBy</c>, what devices say of themselves
    /// (<see cref="Presence"/>), if they do.
    /// State: weights, the strategy's slots, the fleet's members, its scale, the open round; of a rule of your own, what stands in
    /// <see cref="ServerState"/> or <see cref="FleetView.Memory"/> is saved, and nothing else that it keeps. Cost: O(values) per update,
    /// O(devices) per version where a strategy selects or directs.
    /// Emits: with each version, the version for devices (main) and the round that made it (side), with the model in use, an
    /// average of versions. Running statistics are averaged with the weights of their updates, whatever the strategy makes of trained
    /// values, and are not cut to a norm. Both carry the moments of the fleet's rows, merged by Chan's rule, and the model's scale is set
    /// from them. A version names who is invited, where the strategy selects, and what devices are told.
    /// What a device says of itself counts as far as the aggregator can check it. Weights are cut to
    /// <see cref="AggregateOptions.MaxWeight"/> and <see cref="AggregateOptions.MaxShare"/>, steps to those that there was
    /// time for, and rows in the fleet's scale to a share (counted: <c>updates-capped</c>, <c>rows-capped</c>). An early update, accepted
    /// before three devices had sent any, may turn out to be far greater than theirs: then the model of before it is restored (counted:
    /// <c>models-taken-back</c>). A refused message changes only what is recorded about its own device.
    /// Drops: <c>not-its-topic</c> (another device may publish there: <see cref="WeightDelta.TopicDevice"/>), <c>implausible-epoch</c> (a
    /// start more than a day ahead), <c>quarantined</c> (of a device with sixteen messages that cannot be true or are not like the fleet's,
    /// for ten minutes), <c>flood</c> (twice as many updates as of all others, so fast that those would be stale; or, with receipts, more
    /// than 64 messages in a second that bring nothing, which are not answered), <c>share</c>,
    /// <c>schema</c>,
    /// <c>shape</c>, <c>fleet-full</c>, <c>fenced</c> (an earlier start of the device), <c>identity</c> (a sequence
    /// number that has come before, or a later one), <c>version</c> (one that there is not), <c>stale</c>, <c>non-finite</c>, <c>norm</c>,
    /// <c>uninvited</c>, <c>late-round</c>, <c>refused</c> (weight 0), <c>empty</c> (neither steps nor moments), <c>rolled-back</c>
    /// (every step was), <c>no-samples</c> (steps that could teach nothing: see <see cref="TrainOptions.AdjustLogits"/>),
    /// <c>set-full</c>, <c>ended</c> (learning has, by <see cref="Rules.Steer"/>). The moments of an update that is late or uninvited count
    /// all the same. A device whose update was refused for another reason has reported: a barrier does not wait for it. An update without
    /// steps that brings moments announces that the device has data.
    /// Source: the strategy's; average of versions, Polyak, Juditsky (1992), in the form that <see cref="Averaging"/> gives it.
    /// </remarks>
    /// <param name="updates">The updates of all devices.</param>
    /// <param name="model">The model; version 0 is its initial one.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option or a setting of the strategy is out of range; thrown here, never while
    /// running.</exception>
    public static Fork<Weights, Round> Aggregate(
        this Flow<WeightDelta> updates, IModel model, Strategy strategy, AggregateOptions? options = null)
    {
        return updates.Via("aggregate", Block(updates, model, strategy, options, receipts: false),
            static (AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds) =>
                new Aggregate(block, context, versions, rounds));
    }

    /// <summary>
    /// Makes new versions as the other overload does, answers each update, and sends versions at the pace of each device.
    /// </summary>
    /// <remarks>
    /// What the other overload says holds here too. A version comes out of the main output once for each device, with the device as
    /// <see cref="Weights.Recipient"/>; newer ones are kept back, and the newest replaces the others, while two are unconfirmed. A device
    /// confirms what it holds by its updates and by what it says of itself. Out of the third output comes a receipt for each update, when
    /// it has been accepted or refused, and one for each that was accepted and then refused with its round. An update that comes again
    /// is answered again and not applied: dropped as <c>duplicate</c>; one that is more than 64 numbers before the device's newest is
    /// refused as <c>identity</c>, one that was learned from a version of an earlier aggregator as <c>old-epoch</c>.
    /// Counts <c>versions-sent</c>, <c>restored</c>, <c>announcements</c>, <c>rests</c> and <c>farewells</c> (messages without steps),
    /// <c>presences-fenced</c>, <c>strategy-changes</c>, <c>devices-quarantined</c>, <c>devices-forgotten</c> (by a
    /// <see cref="ForgottenDevice"/> on a control input), <c>small-rounds</c> (those that count for a share, see
    /// <see cref="Rules.WholeFrom"/>), <c>versions-implausible</c> (a device says it holds one that there cannot be),
    /// and <c>presences-fleet-full</c>, <c>presences-not-its-topic</c> and so on (drops that are none of updates); shows
    /// <c>updates-in-round</c>, those accepted for the next
    /// version.
    /// </remarks>
    /// <param name="updates">The updates of all devices.</param>
    /// <param name="model">The model; version 0 is its initial one.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="presences">What devices say of themselves.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option or a setting of the strategy is out of range; thrown here, never while
    /// running.</exception>
    public static Fork<Weights, Round, Receipt> Aggregate(this Flow<WeightDelta> updates, IModel model, Strategy strategy,
        Flow<Presence> presences, AggregateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(presences);
        const int PerDevice = 4;        // presences that may wait: one of each kind that does not replace another
        options ??= new();
        var waiting = Math.Clamp(PerDevice * options.MaxDevices, 1024, ushort.MaxValue);
        return updates.Via("aggregate", Block(updates, model, strategy, options, receipts: true),
            static (AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds,
                IOutput<Receipt> receipts) => new Aggregate(block, context, versions, rounds, receipts))
            .ControlledBy(presences.Buffer(waiting));
    }

    /// <summary>Takes the version that was made out of each round: to be kept for those who come later.</summary>
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

    /// <summary>Takes the model in use out of each round.</summary>
    /// <remarks>Shape: rounds in, models out. State: none. Cost: none. Emits: one model per round.</remarks>
    /// <param name="rounds">The rounds.</param>
    public static Flow<Weights> Averaged(this Flow<Round> rounds)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        return rounds.Via("in-use", new AveragedBlock(),
            static (AveragedBlock _, OperatorContext _, IOutput<Weights> output) => new Averaged(output));
    }
}

/// <summary>A block that takes a model out of a round has no settings.</summary>
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

/// <summary>The model, strategy and settings of an aggregation block.</summary>
internal sealed record AggregateBlock(IModel Model, Strategy Strategy, AggregateOptions Options, bool Receipts = false) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => RoundMessages.All;

    public int MaxOutputsPerCall => Receipts ? (2 * Downlink.MaxPerCall) + 4 : 2;

    /// <summary>A round has two models.</summary>
    public long MessageBytes => 2 * Model.Plan.ParameterBytes;

    public string State => "weights, slots, members, scale, updates of the open round";

    /// <summary>The rules by which updates may come to be applied.</summary>
    internal IEnumerable<Apply> Applies => AllRules.Select(static r => r.Apply);

    private IEnumerable<Rules> AllRules => [Strategy.Rounds, .. Options.Others.Select(static o => o.Strategy.Rounds)];

    public long StateBytes(Schema? input)
    {
        var bases = Applies.Max(static a => a.Bases);
        var before = AllRules.Max(static r => r.WeakensSmallRounds ? 1 + (r.Apply.Streams ? 0 : r.Apply.Slots) : 0);
        var averages = Options.Averaging == Averaging.None ? 0 : 1;
        var models = 2L + Applies.Max(static a => a.Slots) + before + (bases == 0 ? 0 : bases + 1) + averages
            + (Options.Secret.IsEmpty ? 0 : 2);     // a version that is known from outside, a frame to seal
        var held = Applies.All(static a => a.Streams) ? Math.Min(Options.MaxHeldUpdates, OpenRound.HeldAtFirst) : Options.MaxHeldUpdates;
        return (Model.Plan.ParameterBytes * (models + held)) + (Member.Bytes * Options.MaxDevices) + OpenRound.ListBytes
            + RecentVersions.Bytes + StatisticsMean.Bytes(Model.Plan);
    }

    public override string ToString() =>
        $"{Strategy}, averaging {Options.Averaging}"
            + string.Concat(Options.Others.Select(static o => $"; or {o.Name}: {o.Strategy}"));
}
