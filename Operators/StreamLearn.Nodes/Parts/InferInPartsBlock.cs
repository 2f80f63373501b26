namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Answers rows as <c>Infer</c> does, but distributes blocks of the network over nodes. Each node computes some lines of the
    /// feature map with their halo, or all lines of some channels.</summary>
    /// <remarks> Shape: rows as in <c>Infer</c>; answers out (main), tasks for the workers (side). Other layers run here. State: the newest
    /// model version, inputs in flight, live workers. Cost: the multiply-adds computed here. Every input is answered once, in order,
    /// bit-identical to one node; for means see <see cref="CutBlock.Merge"/>. Late, refused or lost parts go to other workers, or are
    /// computed here. One worker computes statistics as a whole. The version in use when rows arrive answers them; parts refused by newer
    /// workers are computed here. Emits: at most one batch per batch. Drops: rows as <c>Infer</c>; results <c>other-device</c>,
    /// <c>other-worker</c>, <c>schema</c>, <c>version</c>, <c>epoch</c>, <c>unknown</c>, <c>duplicate</c>, <c>late</c> (the part was
    /// reassigned), <c>shape</c>. Counts: <c>parts-answered</c>, <c>parts-here</c>, <c>parts-refused</c>, <c>parts-moved</c>,
    /// <c>workers-lost</c>. Source: Samikwa, Di Maio, Braun (2023), DISNET. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="network">The network, the same on every node.</param>
    /// <param name="results">Results of the workers.</param>
    /// <param name="options">The blocks and their workers.</param>
    /// <param name="models">New versions, also sent to the workers; the newest is used. Null: none.</param>
    /// <param name="presences">Presences of workers: a worker that leaves gets no parts, and one that says hello gets some. Null:
    /// none.</param>
    /// <exception cref="ArgumentException">An option is out of range or does not fit the network.</exception>
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

internal sealed record InferInPartsBlock(Network Network, InferPartsOptions Options) : IBlockOptions
{
    internal InferBlock Answers { get; } = new(Network) { Versions = Options.Versions };

    internal ImmutableArray<CutBlock> Cuts => [.. Options.Blocks.Select(b => b.Check(Network))];

    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.PartMessages;

    public int MaxOutputsPerCall => Options.InFlight * (Cuts.Sum(static c => c.Count) + 1);     // all workers lost, each line elsewhere

    /// <summary>All parts of one row's inputs, because they queue during a call and must not be dropped.</summary>
    public long MessageBytes => 4L * Options.InFlight * Cuts.Zip(Options.Blocks, static (cut, block) =>
        Math.Max((long)cut.InputSize * (block.By == PartCut.Channels ? block.Workers.Length : 1), cut.GatheredSize)).Max();

    public string State => "newest model version, inputs in flight, available workers";

    public Schema Output(Schema input) => Answers.Output(input);

    public override string ToString() => $"{Network.Structure}; {Options}";
}
