namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Trains the last layers of a network for a fleet: one session for each device, in rounds that end with an update for
    /// <c>Aggregate</c>.</summary>
    /// <remarks> Shape: batches at each device's split in; gradients and, at the end of a round, the next version's first layers out
    /// (main); updates of all values (side); sessions that move to another edge (third). State: for each device model weights, optimizer
    /// state and the newest answer. Cost: three forward passes per row through this side's layers. In a round, the device trains its
    /// batches, submits its layers and waits. The update is what both sides learned. The device then gets the next version's first layers
    /// with its new split; both sides reset optimizer state. Plans take effect between rounds. Resends get the same answer. After a crash
    /// an edge may lag behind the device until its server redelivers batches; it leaves messages ahead of them unanswered twice. If one
    /// side has lost the round, it is void and the device rejoins. A <see cref="SessionTransfer"/> moves a session: the next edge answers
    /// in place of this one, and the device switches. If not taken in time, it continues here. Drops: <c>schema</c>, <c>not-its-topic</c>,
    /// <c>no-session</c>, <c>too-many-devices</c>, <c>epoch</c>, <c>duplicate</c>, <c>split</c>, <c>shape</c>, <c>round</c>, <c>steps</c>,
    /// <c>ahead</c>, <c>non-finite</c>, <c>bad-label</c>, <c>unlabelled</c>, <c>moving</c>, <c>moved</c>; transfers <c>not-here</c>,
    /// <c>version</c>, <c>term</c>. Source: Thapa et al. (2022), SplitFed; Wu et al. (2022), FedAdapt, its rounds; Ullah et al. (2022),
    /// FedFly, the move. </remarks>
    /// <param name="flow">Device messages.</param>
    /// <param name="model">The model.</param>
    /// <param name="versions">Versions aggregated from the updates.</param>
    /// <param name="options">Settings.</param>
    /// <param name="plans">Planned splits; null: as in the settings.</param>
    /// <param name="transfers">Sessions that move; null: none.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
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

internal sealed record ServeSplitBlock(ISplitModel Model, ServeSplitOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    public int MaxOutputsPerCall => (2 * Options.Training.MaxDevices) + 2;

    public string State => "for each device weights, optimizer state, the last good copy of both, the newest answer";

    public long StateBytes(Schema? input) => Model.Plan.ParameterBytes
        + (Options.Training.MaxDevices * (Model.Plan.ParameterBytes + Options.Training.StateBytes(Model, tapes: 0)))
        + Options.Training.StateBytes(Model, tapes: 1);

    public override string ToString() => $"{Model.Structure}; {Options}";
}
