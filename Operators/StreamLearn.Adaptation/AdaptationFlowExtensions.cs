using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>Stages for updates on their way.</summary>
public static class AdaptationFlowExtensions
{
    /// <summary>
    /// Lets of each update only those changes through that are large beside their parameter; the others add up until they are, so that
    /// nothing is lost, and few values travel.
    /// </summary>
    /// <remarks>
    /// Shape: updates in, updates out, of which most values are 0 and take no space on the way. State: the changes that wait, and the
    /// updates that are unanswered. Cost: four streams of memory over the parameters. Emits: one update for each. With
    /// <paramref name="receipts"/> the changes of an update that is refused wait again, unless they are not finite, and an update that
    /// comes again is sent with the changes that it had. A device that leaves sends all that waits. Statistics and counters travel as
    /// they are. Counts <c>changes</c> and <c>changes-sent</c>, those restored as <c>changes-restored</c>; shows <c>threshold</c>.
    /// Source: Hsieh et al. (2017), Gaia.
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
}

/// <summary>The model and settings of the block.</summary>
internal sealed record KeepSignificantBlock(IModel Model, KeepSignificantOptions Options, bool Receipts) : IBlockOptions
{
    /// <inheritdoc />
    public long MessageBytes => Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public string State => "changes that wait, the newest version" + (Receipts ? ", unanswered updates" : "");

    /// <inheritdoc />
    public long StateBytes(Schema? input) => (2 + (Receipts ? Options.MaxUnanswered : 0)) * Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public override string ToString() => Options.ToString();
}
