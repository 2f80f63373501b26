using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

public static partial class LearningFlowExtensions
{
    /// <summary>Answers every row, as <c>Infer</c> does, with blocks of the network computed by several nodes at once: each gets some lines
    /// of the feature map with their halo, or all of them for some channels, and sends back what the block gives there.</summary>
    /// <remarks>
    /// Shape: rows as <c>Infer</c> takes them in; its answers out (main), tasks for the workers (side). The layers before, between and
    /// after the blocks run here, where what a block gives is gathered. State: the newest model version, inputs under way, who is there.
    /// Cost: the multiply-adds of what is computed here.
    /// Every input is answered once, in order, with the bits of one node, whoever computes; see <see cref="CutBlock.Merge"/> for means. The
    /// part of a worker that does not answer in time, refuses or leaves goes to the others, or here where nobody else is; the input of a
    /// block is kept until then. A part of statistics goes to one of them, as a whole. An input is answered by the version that was there
    /// when it came; what a worker with a newer one refuses is computed here.
    /// Emits: at most one batch per batch. Drops: rows as <c>Infer</c>; results <c>other-device</c>, <c>other-worker</c>, <c>schema</c>,
    /// <c>version</c>, <c>epoch</c>, <c>unknown</c>, <c>duplicate</c>, <c>late</c> (the part went to somebody else), <c>shape</c>. Counts:
    /// <c>parts-answered</c>, <c>parts-here</c>, <c>parts-refused</c>, <c>parts-moved</c>, <c>workers-lost</c>. Source: Samikwa, Di Maio,
    /// Braun (2023), DISNET.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="network">The network, the same on every node.</param>
    /// <param name="results">What the workers send back.</param>
    /// <param name="options">The blocks, and who shares them.</param>
    /// <param name="models">New versions, which the workers get too; the newest is in use. Null: none come.</param>
    /// <param name="presences">What workers say of themselves: who leaves gets nothing, who says hello does. Null: they say
    /// nothing.</param>
    /// <exception cref="ArgumentException">An option is out of range or not for this network; thrown here, never while running.</exception>
    public static Fork<Batch, PartTask> InferInParts(this Flow<Batch> flow, Network network, Flow<PartResult> results,
        InferPartsOptions options, Flow<Weights>? models = null, Flow<Presence>? presences = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(network);
        var fork = flow.Via("infer-in-parts", new InferInPartsBlock(network, options),
            static (InferInPartsBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<PartTask> tasks) =>
                new InferInParts(block, context, answers, tasks)).ControlledBy(results);
        if (models is not null) { fork.ControlledBy(models); }
        if (presences is not null) { fork.ControlledBy(presences); }
        return fork;
    }
}

/// <summary>The network and settings of the node that deals out the parts.</summary>
internal sealed record InferInPartsBlock(Network Network, InferPartsOptions Options) : IBlockOptions
{
    /// <summary>The columns of its answers.</summary>
    internal InferBlock Answers { get; } = new(Network);

    /// <summary>How each block of layers is divided.</summary>
    internal ImmutableArray<CutBlock> Cuts => [.. Options.Blocks.Select(b => b.Check(Network))];

    public IReadOnlyList<MessageCodec> MessageCodecs => PartCodecs.Saved;

    public int MaxOutputsPerCall => Options.InFlight * (Cuts.Sum(static c => c.Count) + 1);     // all lost, and each line to another node

    /// <summary>As much as the parts of all inputs of a row: they may wait while a call computes, and are not to be dropped.</summary>
    public long MessageBytes => 4L * Options.InFlight * Cuts.Zip(Options.Blocks, static (cut, block) =>
        Math.Max((long)cut.InputSize * (block.By == PartCut.Channels ? block.Workers.Length : 1), cut.GatheredSize)).Max();

    public string State => "newest model version, inputs under way, who is there";

    public Schema Output(Schema input) => Answers.Output(input);

    public override string ToString() => $"{Network.Structure}; {Options}";
}
