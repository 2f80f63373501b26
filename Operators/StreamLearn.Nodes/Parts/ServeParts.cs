using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Computes parts of a network's blocks for another node.</summary>
    /// <remarks> Shape: a part of a block's input in, a part of its output out. State: the newest model version; tasks are stateless, and
    /// duplicates are answered twice. Cost: the multiply-adds of the part, halo included. Emits: one result per task, or a refusal with its
    /// reason. Drops, each refused: <c>schema</c>, <c>version</c> (another model version), <c>layers</c>, <c>lines</c>, <c>shape</c>; not
    /// answered: <c>other-worker</c>. Source: Samikwa, Di Maio, Braun (2023), DISNET. </remarks>
    /// <param name="flow">The tasks.</param>
    /// <param name="network">The network, the same on every node.</param>
    /// <param name="models">New versions; the newest is used. Null: none.</param>
    /// <param name="start">Weights until a version arrives, the same on every node; null, the default: the network's initial
    /// ones.</param>
    /// <param name="worker">Name of the worker to which tasks are sent; null (default): the name of the pipeline.</param>
    /// <param name="maxRows">Maximum number of rows in a task, at least 1; default 1024. Larger tasks are refused.</param>
    /// <exception cref="ArgumentException">The start weights are of another model, or a number is below 1.</exception>
    public static Flow<PartResult> ServeParts(this Flow<PartTask> flow, Network network, Flow<Weights>? models = null,
        Weights? start = null, string? worker = null, int maxRows = 1024)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        PartCache.Check(network, start);
        var results = flow.Via("serve-parts", new ServePartsBlock(network, worker, maxRows, start),
            static (ServePartsBlock block, OperatorContext context, IOutput<PartResult> output) => new ServeParts(block, context, output));
        return models is null ? results : results.ControlledBy(models);
    }
}

internal sealed record ServePartsBlock(Network Network, string? Worker, int MaxRows, Weights? Start) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.PartMessages;

    public string State => "newest model version";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Network.Plan);

    public override string ToString() => $"{Network.Structure}; {Worker ?? "by the pipeline's name"}, {MaxRows} rows at most";
}

internal sealed class ServeParts(ServePartsBlock block, OperatorContext context, IOutput<PartResult> output)
    : Operator<PartTask>, IStateful, IControlledBy<Weights>
{
    private readonly Network _network = block.Network;
    private readonly string _name = block.Worker ?? context.Pipeline;
    private readonly NewestModel _newest = new(block.Network, context, block.Start);
    private readonly PartCache _parts = new(block.Network);
    private readonly Workspace _memory = new();

    public string StateFormat => "serve-parts/2";

    public void State(ref StateStream s) => _newest.State(ref s);

    public override void Process(PartTask input)
    {
        if (input.Worker != _name)
        {
            context.Drop(input, "other-worker");
            return;
        }

        var result = new PartResult
        {
            Device = input.Device,
            Worker = _name,
            Epoch = input.Epoch,
            Sequence = input.Sequence,
            SchemaHash = _network.Plan.SchemaHash,
            Version = _newest.Weights.Id,
            Lines = input.Lines,
            Rows = input.Rows,
        };
        if (Refuse(input, out var part) is { } reason)
        {
            context.Drop(input, reason);
            output.Emit(result with { Refusal = reason });
            return;
        }

        var values = GC.AllocateUninitializedArray<float>(input.Rows * part!.Output.Size);
        part.Run(_newest.Values, input.Values.AsSpan(), input.Rows, values, _memory);
        context.Charge(part.MultiplyAdds * input.Rows);
        output.Emit(result with { Values = ImmutableCollectionsMarshal.AsImmutableArray(values) });
    }

    public void Control(Weights message) => _newest.Take(message);

    private string? Refuse(PartTask task, out NetworkPart? part)
    {
        part = null;
        if (task.SchemaHash != _network.Plan.SchemaHash) { return "schema"; }
        if (task.Version != _newest.Weights.Id) { return "version"; }
        part = _parts.Find(task, out var reason);
        if (part is null) { return reason; }
        return task.Rows < 1 || task.Rows > block.MaxRows || task.Values.Length != (long)task.Rows * part.Input.Size ? "shape" : null;
    }
}
