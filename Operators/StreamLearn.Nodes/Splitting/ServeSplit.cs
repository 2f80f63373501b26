using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

public static partial class LearningFlowExtensions
{
    /// <summary>Trains the last layers of a network for a fleet: a session for each device, in rounds that end with an update for
    /// <c>Aggregate</c>.</summary>
    /// <remarks>
    /// Shape: batches at each device's split in; gradients and, at the end of a round, the next version's first layers out (main); updates
    /// of all values (side); sessions that move to another edge (third). State: for each device the weights of the model, what the
    /// optimizer remembers, and the newest answer. Cost: three forward passes per row through the layers of this side.
    /// A round: the device trains its batches, hands in its layers, and waits. The update is what both sides have learned since the version
    /// that the round began with. The next version's first layers go to each device, with its new split; both sides forget what the
    /// optimizer remembers. So a plan takes effect between two rounds, on both sides with the same batch, whenever and however often it
    /// comes.
    /// A device that sends again what has been answered gets the same answer. An edge that was killed may be behind the device until its
    /// server has brought the missing batches again: what is ahead of them it leaves unanswered twice. Where one side has lost what the
    /// other still has, as after a crash, the device is told to join anew: its round is void. A session moves by a
    /// <see cref="SessionTransfer"/>: the
    /// earlier edge holds its answer back, the next one gives it, and the device sends there from then on. If the next edge does not take
    /// it in time, the session continues here.
    /// Drops: <c>schema</c>, <c>not-its-topic</c>, <c>no-session</c>, <c>too-many-devices</c>, <c>epoch</c>, <c>duplicate</c>,
    /// <c>split</c>, <c>shape</c>, <c>round</c>, <c>steps</c>, <c>ahead</c>, <c>non-finite</c>, <c>bad-label</c>, <c>unlabelled</c>,
    /// <c>moving</c>, <c>moved</c>; transfers <c>not-here</c>, <c>version</c>, <c>term</c>. Source: Thapa et al. (2022), SplitFed; Wu et
    /// al. (2022), FedAdapt, its rounds; Ullah et al. (2022), FedFly, the move.
    /// </remarks>
    /// <param name="flow">What the devices send.</param>
    /// <param name="model">The model.</param>
    /// <param name="versions">Its versions, as an aggregator makes them of the updates.</param>
    /// <param name="options">Settings.</param>
    /// <param name="plans">Where the split of each device is to be; null: as the settings say.</param>
    /// <param name="transfers">Sessions that move; null: none do.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range; thrown here, never while running.</exception>
    public static Fork<BoundaryGradients, WeightDelta, SessionTransfer> ServeSplit(this Flow<Activations> flow, ISplitModel model,
        Flow<Weights> versions, ServeSplitOptions options, Flow<SplitPlan>? plans = null, Flow<SessionTransfer>? transfers = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(model);
        var fork = flow.Via("serve-split", new ServeSplitBlock(model, options),
            static (ServeSplitBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients, IOutput<WeightDelta> updates,
                IOutput<SessionTransfer> moves) => new SplitSessions(block, context, gradients, updates, moves)).ControlledBy(versions);
        if (plans is not null) { fork.ControlledBy(plans); }
        if (transfers is not null) { fork.ControlledBy(transfers); }
        return fork;
    }
}

/// <summary>The network and settings of the edge of a fleet.</summary>
internal sealed record ServeSplitBlock(ISplitModel Model, ServeSplitOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    public int MaxOutputsPerCall => (2 * Options.Training.MaxDevices) + 2;

    public string State => "for each device weights, what the optimizer remembers, the last good of both, the newest answer";

    public long StateBytes(Schema? input) => Model.Plan.ParameterBytes
        + (Options.Training.MaxDevices * (Model.Plan.ParameterBytes + Options.Training.StateBytes(Model, tapes: 0)))
        + Options.Training.StateBytes(Model, tapes: 1);

    public override string ToString() => $"{Model.Structure}; {Options}";
}
