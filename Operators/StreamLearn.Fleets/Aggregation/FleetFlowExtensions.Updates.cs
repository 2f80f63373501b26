using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <content>Stages for updates on their way.</content>
public static partial class FleetFlowExtensions
{
    /// <summary>
    /// Lets of each update only those changes through that are large beside their parameter; the others add up until they are, so that
    /// nothing is lost, and few values travel.
    /// </summary>
    /// <remarks>
    /// Shape: updates in, updates out, of which most values are 0 and take no space on the way. State: the changes that wait, and the
    /// updates that are unanswered. Cost: four streams of memory over the parameters. Emits: one update for each. With
    /// <paramref name="receipts"/> the changes of an update that is refused wait again, unless they are not finite, and an update that
    /// comes again is sent with the changes that it had, or whole if it was sent before this stage was there. A device that leaves sends
    /// all that waits. Statistics and counters travel as they are. Counts <c>changes</c> and <c>changes-sent</c>, those restored as
    /// <c>changes-restored</c>; shows <c>threshold</c>. Source: Hsieh et al. (2017), Gaia.
    /// </remarks>
    /// <param name="updates">The updates of a device.</param>
    /// <param name="model">The model.</param>
    /// <param name="versions">The versions that the device learns from.</param>
    /// <param name="receipts">What has become of its updates; null: nobody says.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown here, never while running.</exception>
    public static Flow<WeightDelta> KeepSignificant(this Flow<WeightDelta> updates, IModel model, Flow<Weights> versions,
        Flow<Receipt>? receipts = null, KeepSignificantOptions? options = null, string name = "keep-significant")
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(versions);
        options ??= new();
        options.Check();
        var kept = updates.Via(name, new KeepSignificantBlock(model, options, receipts is not null),
            static (KeepSignificantBlock block, OperatorContext context, IOutput<WeightDelta> output) =>
                new KeepSignificant(block, context, output));
        kept = kept.ControlledBy(versions);
        return receipts is null ? kept : kept.ControlledBy(receipts);
    }

    /// <summary>Sends updates in a form that takes fewer bytes; what that leaves out adds up, and goes with the next ones.</summary>
    /// <remarks>
    /// Shape: updates in, updates of the values that their codes stand for out: whoever reads them needs no setting. State: with feedback
    /// the changes that wait, with momentum their velocity, and the updates that are unanswered. Cost: the code, and four streams of memory
    /// over the parameters. Emits: one update for each. With <paramref name="receipts"/> what an update carried that is refused waits again
    /// where there is feedback, and an update that comes again is sent with the bits that it had. A device that leaves sends all that waits
    /// as it is. Statistics, counters and updates that are not finite travel as they are. Drops: <c>schema</c>. Counts <c>bytes</c> (as the
    /// updates were), <c>bytes-sent</c> and <c>changes-restored</c>. Source: Karimireddy et al. (2019), error feedback; Lin et al. (2018),
    /// DGC.
    /// </remarks>
    /// <param name="updates">The updates of a device.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Settings.</param>
    /// <param name="receipts">What has become of its updates; null: nobody says.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown here, never while running.</exception>
    public static Flow<WeightDelta> CodeUpdates(this Flow<WeightDelta> updates, IModel model, CodeUpdatesOptions options,
        Flow<Receipt>? receipts = null, string name = "code-updates")
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var coded = updates.Via(name, new CodeUpdatesBlock(model, options, receipts is not null),
            static (CodeUpdatesBlock block, OperatorContext context, IOutput<WeightDelta> output) =>
                new CodeUpdates(block, context, output));
        return receipts is null ? coded : coded.ControlledBy(receipts);
    }

    /// <summary>
    /// Keeps a site's copy of a model that several sites learn without an aggregator: takes what the site learns, tells the others of the
    /// changes that are significant, and takes in what they tell.
    /// </summary>
    /// <remarks>
    /// Shape: the site's updates in, of one step each or of several; out of the main output come the versions that it goes on from, out of
    /// the side output the updates for the others, one for each of its own, whose base version is the site's clock. The site learns in
    /// lock-step: while it is <see cref="ReplicatedModelOptions.MaxLead"/> clocks ahead of the slowest other one, no version comes. A site
    /// that leaves, or is not heard for the <see cref="ReplicatedModelOptions.Lease"/>, is waited for no more. State: the copy, the changes
    /// that wait, clocks. Cost: four streams of memory over the parameters. Drops: <c>schema</c>, <c>duplicate</c>, <c>own</c> (what comes
    /// back of itself), <c>unknown-site</c>, <c>unknown-worker</c>. Counts <c>changes</c>, <c>changes-sent</c>, <c>updates-missed</c>
    /// (those of others that never came), <c>updates-early</c> (taken out of their order); shows <c>lead</c> and <c>threshold</c>, and of
    /// several workers <c>workers</c>, those that are waited for, and <c>worker-lead</c>, by how much the first is ahead of the slowest.
    /// With several <see cref="ReplicatedModelOptions.Workers"/> each of their updates is in the copy at once, and the others are told what
    /// has added up when the slowest one's clock rises. A version is for one worker, its <see cref="Weights.Recipient"/>, and comes when
    /// the update before has come and that worker is at most <see cref="ReplicatedModelOptions.Slack"/> ahead of the slowest one: it holds
    /// all that this one has learned, and of each other one all up to so many clocks before. Versions are numbered as they are made. A
    /// worker that begins later, or comes again, begins at the clock of the slowest; with the last one the site leaves, and a last version
    /// is for everybody. Source: Ho et al. (2013), stale synchronous parallel; Hsieh et al. (2017), Gaia.
    /// </remarks>
    /// <param name="own">What the site learns.</param>
    /// <param name="model">The model; all begin with its initial values.</param>
    /// <param name="others">What the other sites send.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range, or needs signals; thrown here, never while running.</exception>
    public static Fork<Weights, WeightDelta> Replicate(this Flow<WeightDelta> own, IModel model, Flow<WeightDelta> others,
        ReplicatedModelOptions? options = null, string name = "replicate")
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(others);
        return own.Via(name, BlockOf(model, options, hasSignals: false),
            static (ReplicatedModelBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<WeightDelta> updates) =>
                new ReplicatedModel(block, context, versions, updates, null))
            .ControlledBy(others);
    }

    /// <summary>
    /// Keeps a site's copy of a model as the other form does, with signals between the sites: they may join while others run, and a
    /// <see cref="SelectiveBarrier"/> lets who reads a parameter wait for changes that a slow link holds up.
    /// </summary>
    /// <remarks>
    /// Out of the third output come the site's signals, for the site that a signal names or for all. With a barrier, changes beyond
    /// <see cref="SelectiveBarrier.MaxUnheard"/> updates on their way add up at the site: their places go at once, and then one update with
    /// several clocks. A site that joins hears the updates of the others first, then asks; the one of the others that is first by name
    /// sends a snapshot, which the joining one takes if the updates go on where it ends, or else asks again. It begins with the clock of
    /// the slowest site. One that joins again without its checkpoint has a higher epoch, and comes when its last messages have come. Lost
    /// messages: the next ones stand for them, and after the <see cref="ReplicatedModelOptions.Lease"/> nobody waits for them. State:
    /// beside that of the other form, changes that wait for the link, places awaited, updates held. Drops, beside, <c>joining</c>. Counts,
    /// beside, <c>updates-delayed</c>, <c>barrier-waits</c>, <c>barriers-expired</c>, <c>snapshots</c>, <c>snapshots-refused</c>.
    /// </remarks>
    /// <param name="own">What the site learns.</param>
    /// <param name="model">The model; all begin with its initial values.</param>
    /// <param name="others">What the other sites send.</param>
    /// <param name="signals">What the other sites say beside.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown here, never while running.</exception>
    public static Fork<Weights, WeightDelta, SiteSignal> ReplicateWithSignals(this Flow<WeightDelta> own, IModel model,
        Flow<WeightDelta> others, Flow<SiteSignal> signals, ReplicatedModelOptions? options = null, string name = "replicate")
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(signals);
        return own.Via(name, BlockOf(model, options, hasSignals: true),
            static (ReplicatedModelBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<WeightDelta> updates,
                IOutput<SiteSignal> said) => new ReplicatedModel(block, context, versions, updates, said))
            .ControlledBy(others)
            .ControlledBy(signals);
    }

    private static ReplicatedModelBlock BlockOf(IModel model, ReplicatedModelOptions? options, bool hasSignals)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check(hasSignals);
        foreach (var place in options.Barrier?.Reads ?? [])
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place, nameof(options));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, model.Plan.Values, nameof(options));
        }

        return new(model, options);
    }
}
