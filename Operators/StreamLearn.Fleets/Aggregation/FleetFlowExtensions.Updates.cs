namespace StreamLearn.Fleets;

/// <content>Blocks for updates before they are sent.</content>
public static partial class FleetFlowExtensions
{
    /// <summary>Sends only changes that are large relative to their parameter. Smaller ones accumulate, so nothing is lost.</summary>
    /// <remarks> Shape: updates in, updates out, mostly zeros that take no space. State: pending changes and unanswered updates. Cost: four
    /// memory streams over the parameters. Emits: one update for each. With <paramref name="receipts"/>, finite changes of a refused update
    /// become pending again, and a resent update keeps its changes, or is sent whole if it was first sent before this block existed. A
    /// leaving device sends everything pending. Statistics and counters pass unchanged. Counts <c>changes</c>, <c>changes-sent</c>,
    /// <c>changes-restored</c>; shows <c>threshold</c>. Source: Hsieh et al. (2017), Gaia. </remarks>
    /// <param name="updates">A device's updates.</param>
    /// <param name="model">The model.</param>
    /// <param name="versions">The device's versions.</param>
    /// <param name="receipts">Its receipts; null: none.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">Unique block name.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown when the pipeline is built.</exception>
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

    /// <summary>Encodes updates in fewer bytes. Coding errors are added to later updates.</summary>
    /// <remarks> Shape: updates in, decoded updates out; readers need no setting. State: pending changes (feedback), velocity (momentum),
    /// unanswered updates. Cost: the code, and four memory streams over the parameters. Emits: one update for each. With
    /// <paramref name="receipts"/> and feedback, a refused update's changes become pending again; a resent update keeps its bits. A leaving
    /// device sends everything pending, uncoded. Statistics, counters and non-finite updates pass unchanged. Drops: <c>schema</c>. Counts
    /// <c>bytes</c> (before coding), <c>bytes-sent</c>, <c>changes-restored</c>. Source: Karimireddy et al. (2019), error feedback; Lin et
    /// al. (2018), DGC. </remarks>
    /// <param name="updates">A device's updates.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Settings.</param>
    /// <param name="receipts">Its receipts; null: none.</param>
    /// <param name="name">Unique block name.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown when the pipeline is built.</exception>
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

    /// <summary>Keeps a site's copy of a model trained by several sites without an aggregator: applies local and remote updates, and sends
    /// significant changes.</summary>
    /// <remarks> Shape: the site's updates in; versions to learn from (main) and, for each update of the site, an update for the other
    /// sites (side) out, with the site's clock as base version. No version comes while the site is
    /// <see cref="ReplicatedModelOptions.MaxLead"/> clocks ahead of the slowest. A site that leaves, or is silent for the
    /// <see cref="ReplicatedModelOptions.Lease"/>, is not awaited. State: the copy, pending changes, clocks. Cost: four memory streams over
    /// the parameters. Drops: <c>schema</c>, <c>duplicate</c>, <c>own</c> (returned), <c>unknown-site</c>, <c>unknown-worker</c>. Counts
    /// <c>changes</c>, <c>changes-sent</c>, <c>updates-missed</c> (lost), <c>updates-early</c> (applied out of order); shows <c>lead</c>,
    /// <c>threshold</c>, and with several workers <c>workers</c> (awaited) and <c>worker-lead</c> (fastest over slowest). With several
    /// <see cref="ReplicatedModelOptions.Workers"/>, each update is applied at once, and the sum is sent when the slowest worker's clock
    /// rises. Each version is for one worker, its <see cref="Weights.Recipient"/>, after its update, once it is at most
    /// <see cref="ReplicatedModelOptions.Slack"/> clocks ahead of the slowest: it holds all its own updates, and the others' up to that
    /// many clocks before. A worker that joins or rejoins starts at the slowest clock; when the last leaves, the site leaves with a last
    /// version for everybody. Source: Ho et al. (2013), stale synchronous parallel; Hsieh et al. (2017), Gaia. </remarks>
    /// <param name="own">The site's updates.</param>
    /// <param name="model">The model; sites share its initial values.</param>
    /// <param name="others">The other sites' updates.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">Unique block name.</param>
    /// <exception cref="ArgumentException">An option is out of range or needs signals; thrown when the pipeline is built.</exception>
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

    /// <summary>Keeps a site's copy with signals: sites can join later, and a barrier makes readers wait for delayed changes.</summary>
    /// <remarks> The third output carries signals to one site or all. With a barrier, changes beyond
    /// <see cref="ReplicatedModelOptions.MaxUnheard"/> updates in flight accumulate: their positions are sent at once, then one update for
    /// several clocks. A joining site first receives updates, then requests a snapshot from the first other site by name. It accepts the
    /// snapshot if the updates continue from it, otherwise it asks again. It starts at the slowest clock. A site that rejoins without its
    /// checkpoint has a higher epoch and joins after its last messages. Later messages replace lost ones, which nobody awaits after the
    /// <see cref="ReplicatedModelOptions.Lease"/>. State: also queued changes, awaited places, held updates. Drops, also: <c>joining</c>.
    /// Counts, also: <c>updates-delayed</c>, <c>barrier-waits</c>, <c>barriers-expired</c>, <c>snapshots</c>, <c>snapshots-refused</c>.
    /// </remarks>
    /// <param name="own">The site's updates.</param>
    /// <param name="model">The model; sites share its initial values.</param>
    /// <param name="others">The other sites' updates.</param>
    /// <param name="signals">The other sites' signals.</param>
    /// <param name="options">Settings.</param>
    /// <param name="name">Unique block name.</param>
    /// <exception cref="ArgumentException">An option is out of range; thrown when the pipeline is built.</exception>
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
