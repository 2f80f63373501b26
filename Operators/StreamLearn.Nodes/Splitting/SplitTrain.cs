namespace StreamLearn.Nodes;

/// <summary>Adds blocks that learn.</summary>
public static partial class NodesFlowExtensions
{
    /// <summary>Trains the first layers of a network on the device with the rows: batches leave as activations and are learned when their
    /// gradients return.</summary>
    /// <remarks> Shape: rows of float32 columns in the network's order, and a nullable int32 <c>label</c>. Units: those of the columns; the
    /// first layer scales them by <see cref="SplitTrainOptions.Start"/>. State: weights, optimizer state, last good copy of both, batches
    /// in flight, rows of the next batch. Cost: three forward passes per row through this side's layers and exits, fewer under a mask.
    /// Emits: batches with labels and requests to move the split (main), reports (side). A split equal to the layer count trains here
    /// alone. With one batch in flight, no lost gradient and no clipping, both sides train bit for bit like one machine, wherever the split
    /// moves. This includes running statistics and random layers, seeded by sequence number (a move request takes one). A non-finite loss
    /// or gradient skips the step on the side that finds it and all before it; each counts <c>rolled-back-steps</c>. Non-finite weights, or
    /// two such batches in a row, restore the last finite weights, at most 32 steps old; lost steps are counted. Reports and moves are
    /// always finite. Drops: <c>unlabelled</c>, <c>bad-label</c>, <c>non-finite</c>, <c>schema</c>; rows of abandoned batches
    /// <c>no-gradient</c> and of an incomplete last batch <c>incomplete-batch</c>; gradients <c>duplicate</c>, <c>late</c>, <c>unknown</c>,
    /// <c>epoch</c>, <c>split</c>, <c>shape</c>, <c>other-device</c>. Source: Gupta, Raskar (2018); Vepakomma et al. (2018), split
    /// learning. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="split">Initial number of layers on this side: 0 for none, the network's number of layers for all.</param>
    /// <param name="gradients">The returned gradients.</param>
    /// <param name="plans">Split moves; null: none.</param>
    /// <param name="options">Settings; they must be the same on both sides.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
    public static Fork<Activations, SplitReport> SplitTrain(this Flow<Batch> flow, ISplitModel model, int split,
        Flow<BoundaryGradients> gradients, Flow<SplitPlan>? plans = null, SplitTrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(gradients);
        options = Checked(model, options);
        CheckRange(model, split, 0, model.PartCount);
        var fork = flow.Via("split-front", new SplitFrontBlock(model, split, options),
            static (SplitFrontBlock block, OperatorContext context, IOutput<Activations> activations, IOutput<SplitReport> reports) =>
                new SplitFront(block, context, activations, reports)).ControlledBy(gradients);
        return plans is null ? fork : fork.ControlledBy(plans);
    }

    /// <summary>Trains the last layers of a network on activations that arrive, and returns gradients.</summary>
    /// <remarks> Shape: batches at the split in, their gradients out. State: weights, optimizer state, the newest batch of each device.
    /// Cost: three forward passes per row through this side's layers and exits. Emits: one answer per batch and request (main), reports
    /// (side). Several devices may share one part if none moves the split. With a flow of labels this is the device, behind an edge that
    /// never sees them (U-shaped). Drops: <c>schema</c>, <c>epoch</c>, <c>duplicate</c>, <c>split</c>,
    /// <c>shape</c>, <c>non-finite</c>, <c>bad-label</c>, <c>unlabelled</c>, <c>too-many-devices</c>. Source: Gupta, Raskar (2018);
    /// Vepakomma et al. (2018), split learning, also U-shaped. </remarks>
    /// <param name="flow">The activations.</param>
    /// <param name="model">The model.</param>
    /// <param name="split">The first layer of this side.</param>
    /// <param name="labels">On the device: the batches as sent, with labels; null (default) on the edge.</param>
    /// <param name="options">Settings; they must be the same on both sides.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
    public static Fork<BoundaryGradients, SplitReport> SplitTrain(this Flow<Activations> flow, ISplitModel model, int split,
        Flow<Activations>? labels = null, SplitTrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options = Checked(model, options);
        CheckRange(model, split, 0, model.PartCount);
        var fork = flow.Via("split-tail", new SplitTailBlock(model, split, options),
            static (SplitTailBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients, IOutput<SplitReport> reports) =>
                new SplitTail(block, context, gradients, reports));
        return labels is null ? fork : fork.ControlledBy(labels);
    }

    /// <summary>Trains the layers between two other parts: forwards activations and returns gradients.</summary>
    /// <remarks> Shape: batches before these layers in, batches after them (main) and gradients before them (side) out. State: weights,
    /// optimizer state, batches in flight, the newest batch of each device. Cost: three forward passes per row through these layers. Emits:
    /// at most one message per call on either output. Exits after these layers learn only from labeled batches; for others, they count
    /// <c>exits-without-labels</c>. Drops: as the other parts. Source: Vepakomma et al. (2018), U-shaped split learning. </remarks>
    /// <param name="flow">The activations.</param>
    /// <param name="model">The model.</param>
    /// <param name="split">The first layer of this part; devices may move it.</param>
    /// <param name="end">One past the last layer of this part.</param>
    /// <param name="gradients">Gradients from the layers after these.</param>
    /// <param name="options">Settings; they must be the same in all parts.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
    public static Fork<Activations, BoundaryGradients> SplitTrain(this Flow<Activations> flow, ISplitModel model, int split,
        int end, Flow<BoundaryGradients> gradients, SplitTrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(gradients);
        options = Checked(model, options);
        CheckRange(model, end, 1, model.PartCount - 1);
        CheckRange(model, split, 0, end - 1);
        return flow.Via("split-middle", new SplitMiddleBlock(model, split, end, options),
            static (SplitMiddleBlock block, OperatorContext context, IOutput<Activations> activations, IOutput<BoundaryGradients> back) =>
                new SplitMiddle(block, context, activations, back)).ControlledBy(gradients);
    }

    /// <summary>Removes labels from batches before they leave the device.</summary>
    public static Flow<Activations> WithoutLabels(this Flow<Activations> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("without-labels", new WithoutLabelsOptions(),
            static (WithoutLabelsOptions _, OperatorContext _, IOutput<Activations> output) => new WithoutLabels(output));
    }

    private static SplitTrainOptions Checked(ISplitModel model, SplitTrainOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check(model);
        return options;
    }

    private static void CheckRange(ISplitModel model, int layer, int least, int most)
    {
        if (layer < least || layer > most)
        {
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"expected a layer from {least} to {most} of {model.Structure}");
        }
    }
}

internal sealed record WithoutLabelsOptions : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    public override string ToString() => "";
}

internal sealed class WithoutLabels(IOutput<Activations> output) : Operator<Activations>
{
    public override void Process(Activations input) => output.Emit(input.Labels.IsEmpty ? input : input with { Labels = [] });
}
