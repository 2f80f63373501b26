using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Runs the blocks that the newest plan assigns to this node, for a generating source.</summary>
    /// <remarks> Shape: activations before these blocks in; activations after them out to the next node (main) or, after the last blocks,
    /// the next token to the source (side); answers to plans (third). State: the plan; keys and values of each sequence. Cost: the blocks'
    /// multiply-adds; outgoing messages are allocated. The weights are determined by the model's seed. A new plan clears all sequences,
    /// whose tokens are sent again. Drops: <c>plan</c> (not the newest), <c>not-its-range</c>, <c>shape</c>, <c>no-sequence</c>,
    /// <c>too-many-sequences</c>, <c>duplicate</c>, <c>gap</c>, <c>context-full</c>. Source: Zhang et al. (2025), EdgeShard. </remarks>
    /// <param name="flow">Activations for this node.</param>
    /// <param name="model">The model.</param>
    /// <param name="node">This node, 1 to 256 bytes in UTF-8.</param>
    /// <param name="plans">The source's plans.</param>
    /// <param name="maxSequences">Maximum number of sequences held at once, 1 to 1,024; default 8. Use at least the number of the source:
    /// further sequences are dropped, even after replanning.</param>
    /// <exception cref="ArgumentException">An argument is missing, empty, too long or out of range.</exception>
    public static Fork<ShardActivation, ShardToken, StageReady> RunShard(this Flow<ShardActivation> flow, TransformerToy model, string node,
        Flow<GenerationPlan> plans, int maxSequences = 8)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSequences, 1024);
        return flow.Via("run-shard", new RunShardBlock(model, DeviceName.Checked(node, nameof(node)), maxSequences),
            static (RunShardBlock block, OperatorContext context, IOutput<ShardActivation> onward, IOutput<ShardToken> tokens,
                IOutput<StageReady> ready) => new RunShard(block, context, onward, tokens, ready)).ControlledBy(plans);
    }
}

internal sealed record RunShardBlock(TransformerToy Model, string Node, int MaxSequences) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.GenerationMessages;

    public string State => "the plan, keys and values of each sequence";

    public long StateBytes(Schema? input) => MaxSequences * KeyValueCache.BytesOf(Model, Model.Blocks);

    public bool IsOptional(int port) => port == 0;

    public override string ToString() => $"{Node}; {Model}; {MaxSequences} sequences at most";
}

internal sealed class RunShard(RunShardBlock block, OperatorContext context, IOutput<ShardActivation> onward, IOutput<ShardToken> tokens,
    IOutput<StageReady> ready) : Operator<ShardActivation>, IStateful, IControlledBy<GenerationPlan>
{
    private readonly Dictionary<long, KeyValueCache> _held = [];
    private readonly Stack<KeyValueCache> _free = [];
    private readonly Workspace _memory = new();
    private GenerationPlan? _plan;
    private LayerRange _own;
    private int _place;

    private TransformerToy Model => block.Model;

    /// <summary>True while there is no plan, so that the run does not end before one may arrive.</summary>
    public override bool AwaitingReplies => _plan is null;

    public string StateFormat => "run-shard/1";

    public void State(ref StateStream s)
    {
        _plan = GenerationPlan.State(ref s, _plan, Model.Blocks);
        if (s.IsReading) { FindOwn(); }
        var held = s.Value(_held.Count, 0, block.MaxSequences);
        if (s.IsWriting)
        {
            foreach (var (sequence, cache) in _held)
            {
                s.Value(sequence);
                cache.State(ref s);
            }

            return;
        }

        for (; held > 0; held--) { Take(s.Value(0L)).State(ref s); }
    }

    public void Control(GenerationPlan message)
    {
        if (message.Number < _plan?.Number || !message.Fits(Model.Blocks))
        {
            context.Drop(message, message.Fits(Model.Blocks) ? "plan" : "shape");
            return;
        }

        if (message.Number != _plan?.Number)
        {
            var before = _own;
            _plan = message;
            FindOwn();
            foreach (var cache in _held.Values) { GiveBack(cache); }
            _held.Clear();
            if ((before.First, before.End) != (_own.First, _own.End)) { _free.Clear(); }
        }

        if (_place >= 0) { ready.Emit(new() { Source = message.Source, Node = block.Node, Plan = message.Number }); }
    }

    public override void Process(ShardActivation input)
    {
        if (Refusal(input) is { } reason)
        {
            context.Drop(input, reason);
            return;
        }

        var cache = _held.GetValueOrDefault(input.Sequence) ?? Take(input.Sequence);
        var values = input.Values.AsSpan().ToArray();
        var count = values.Length / Model.Width;
        Model.Forward(values, input.Position, cache, _memory);
        context.ChargeLayers(_own.First, _own.End, count, backward: false, Model.MultiplyAdds(_own.First, _own.End, input.Position, count));
        if (input.IsLast)
        {
            _held.Remove(input.Sequence);
            GiveBack(cache);
        }

        if (_own.End < Model.Blocks)
        {
            onward.Emit(input with
            {
                To = _plan!.Stages[_place + 1].Node,
                Block = _own.End,
                Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            });
            return;
        }

        tokens.Emit(new()
        {
            Source = input.Source,
            Plan = input.Plan,
            Sequence = input.Sequence,
            Position = input.Position + count,
            Token = Model.NextToken(values.AsSpan()[^Model.Width..], _memory),
        });
    }

    private string? Refusal(ShardActivation input)
    {
        if (_plan is null || input.Plan != _plan.Number || input.Source != _plan.Source) { return "plan"; }
        if (input.To != block.Node || _place <= 0 || input.Block != _own.First) { return "not-its-range"; }
        if (input.Values.IsEmpty || input.Values.Length % Model.Width != 0) { return "shape"; }
        var held = _held.GetValueOrDefault(input.Sequence);
        var length = held?.Length ?? 0;
        return held is null && input.Position > 0 ? "no-sequence"
            : input.Position < length ? "duplicate"
            : input.Position > length ? "gap"
            : input.Values.Length / Model.Width > Model.Context - input.Position ? "context-full"
            : held is null && _held.Count == block.MaxSequences ? "too-many-sequences"
            : null;
    }

    private KeyValueCache Take(long sequence)
    {
        if (!_free.TryPop(out var cache)) { cache = new(Model, _own.First, _own.End); }
        _held.Add(sequence, cache);
        return cache;
    }

    private void GiveBack(KeyValueCache cache)
    {
        cache.Clear();
        _free.Push(cache);
    }

    private void FindOwn()
    {
        _place = _plan?.PlaceOf(block.Node) ?? -1;
        _own = _place < 0 ? default : _plan!.Stages[_place];
    }
}
