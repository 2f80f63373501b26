using System.Collections.Immutable;
using System.Runtime.ExceptionServices;

namespace StreamLearn;

internal sealed record KeyPlan(Pipeline Inner, OperatorContext Outer, BlockMetrics Metrics, IEdgeEnd Outlet, IEdgeEnd Letters)
{
    internal TokenPool Tokens { get; } = new();

    internal SavedMessages Messages { get; } = new(Inner);

    internal Node Entry { get; } = Inner.Nodes.First(static n => n.Kind == NodeKind.Input);

    internal Schema? Input { get; private set; }

    internal Type TypeOf(RunEdge edge) => SavedMessages.TypeOf(Inner, edge.Queue.Edge);

    internal DeclaredBatch[] Declared { get; private set; } = [];

    internal ImmutableArray<Node> Operators { get; } = [.. Inner.Nodes.Where(static n => n.Kind == NodeKind.Operator)];

    internal ImmutableArray<long> MaxOutputBytes { get; } = [.. Inner.Nodes.Select(Inner.MaxOutputBytes)];

    internal ImmutableArray<string> EdgeNames { get; } =
        [.. Inner.Edges.Select(e => $"{Inner.Nodes[e.From].Name}→{Inner.Nodes[e.To].Name}")];

    internal void Begin(Schema input)
    {
        if (Declared.Length > 0) { return; }
        Input = input;
        var declared = new DeclaredBatch[Inner.Nodes.Length];
        foreach (var node in Inner.Nodes)
        {
            if (node.Kind == NodeKind.Input) { declared[node.Index] = new(input, null); }
            else if (node.Kind == NodeKind.Operator && node.Input == typeof(Batch) && node.Outputs.FirstOrDefault() == typeof(Batch))
            {
                var edge = Inner.Edges.First(e => e.To == node.Index && !e.IsControl);
                var before = edge.Port == 0 ? declared[edge.From].Schema : null;
                var options = node.Options as IBlockOptions;
                declared[node.Index] = new(before is null ? null : options?.Output(before) ?? before, options?.MaxRows(null));
            }
        }

        Declared = declared;
    }

    internal Edge? Sole { get; } = Inner.Nodes.Count(static n => n.Kind == NodeKind.Operator) == 1
        ? Inner.Edges.First(e => Inner.Nodes[e.From].Kind == NodeKind.Input) : null;
}

/// <summary>One key's inner blocks, called in graph order within one call of the outer block.</summary>
internal sealed partial class KeyInstance
{
    private readonly KeyPlan _plan;
    private readonly KeyBlock[] _blocks;
    private readonly Fanout _entry;
    private readonly (KeyBlock Block, Edge Edge)? _sole;      // the block, if there is only one
    private long _given;
    private bool _idle = true;      // true if no messages wait in the instance

    internal KeyInstance(KeyPlan plan, long key, string name)
    {
        (_plan, Key, Place) = (plan, key, new(this));
        var inner = plan.Inner;
        var blocks = new KeyBlock?[inner.Nodes.Length];
        _blocks = new KeyBlock[plan.Operators.Length];
        for (var i = 0; i < _blocks.Length; i++) { _blocks[i] = blocks[plan.Operators[i].Index] = new(plan, plan.Operators[i], name); }
        _entry = new(plan.Metrics, static () => TimeSpan.Zero);
        foreach (var edge in inner.Edges)
        {
            var sender = blocks[edge.From];
            IEdgeEnd end = plan.Outlet;
            if (blocks[edge.To] is { } receiver)
            {
                EdgeQueue queue = new(edge, plan.EdgeNames[edge.Index], receiver.Metrics, plan.Tokens);
                SerialEdge between = new(queue, sender ?? receiver, receiver, Cell.Unfinished);
                receiver.Add(between);
                end = between;
            }

            (sender?.Out ?? _entry).Add(edge.Port, end);
        }

        if (plan.Sole is { } sole) { _sole = (_blocks[0], sole); }
        FindNext();
    }

    internal long Key { get; }

    /// <summary>The position among the keys, which are ordered by when they were last seen.</summary>
    internal LinkedListNode<KeyInstance> Place { get; }

    internal DateTimeOffset LastSeen { get; set; }

    internal DateTimeOffset? PlannedAt { get; set; }

    internal DateTimeOffset? NextAt { get; private set; }

    internal bool IsLeaving { get; private set; }

    internal bool IsEvicted { get; set; }

    internal bool IsFull => !_entry.IsEmpty;

    internal bool HasEnded => Array.TrueForAll(_blocks, static b => b.Ended);

    /// <summary>Closes all instances, even if a block throws.</summary>
    internal static void CloseAll(params IEnumerable<KeyInstance> instances)
    {
        ExceptionDispatchInfo? failure = null;
        void Guarded(Action action)
        {
            try { action(); }
            catch (Exception e) { failure ??= ExceptionDispatchInfo.Capture(e); }
        }

        foreach (var instance in instances)
        {
            instance._entry.Close(Guarded);
            foreach (var block in instance._blocks) { block.Close(Guarded); }
        }

        failure?.Throw();
    }

    internal void Run(Batch batch, DateTimeOffset now)
    {
        Ownership.PassOn(batch, Ports.Calling);
        var item = Item.Of(batch, null, _given, _given);
        _given++;
        if (_idle && _sole is var (block, edge) && block.TryProcess(edge, item, now))
        {
            _idle = block.Out.IsEmpty;
            NextAt = block.NextAt;
            if (block.IsReady && !(NextAt <= now)) { return; }
        }
        else { _entry.Pending.Add((0, item)); }

        Run(now);
    }

    internal void Leave() => IsLeaving = true;

    internal void Withdraw()
    {
        foreach (var block in _blocks) { block.Withdraw(); }
    }

    internal void Run(DateTimeOffset now)
    {
        for (var moved = true; moved;)
        {
            moved = TryEnter();
            foreach (var block in _blocks)
            {
                while (block.TryStep(now))
                {
                    moved = true;
                    _plan.Outer.Cancellation.ThrowIfCancellationRequested();
                }
            }
        }

        _idle = _entry.IsEmpty && Array.TrueForAll(_blocks, static b => b.IsIdle);
        FindNext();
    }

    private bool TryEnter()
    {
        var waited = !_entry.IsEmpty;
        if (!_entry.TryFlush()) { return false; }
        if (!IsLeaving || _given < 0) { return waited; }
        _given = -1;
        foreach (var edge in _entry.Targets) { edge.EndSender(); }
        return true;
    }

    private void FindNext()
    {
        NextAt = null;
        foreach (var block in _blocks)
        {
            if (block.NextAt is { } next && !(NextAt <= next)) { NextAt = next; }
        }
    }
}

internal sealed partial class KeyBlock : ISerialBlock, IDisposable
{
    private readonly OperatorContext _outer;
    private readonly Cell _cell;
    private readonly Mailbox _mailbox;
    private readonly List<RunEdge> _inputs = [];

    internal KeyBlock(KeyPlan plan, Node node, string key)
    {
        _outer = plan.Outer;
        Out = new(plan.Metrics, static () => TimeSpan.Zero);
        var inherits = node.Errors == ErrorPolicy.Fail;
        var errors = inherits ? _outer.Errors : node.Errors;
        if (inherits && errors.Action == ErrorAction.DeadLetter) { Out.Add(Ports.DeadLetters, plan.Letters); }
        _cell = new(node, _outer.ForInner(node.Name, key), Metrics, Out.Pending, plan.MaxOutputBytes[node.Index],
            errors: errors, declared: plan.Declared[node.Index]);
        _mailbox = new(_cell);
    }

    internal Fanout Out { get; }

    public BlockMetrics Metrics => Out.Metrics;

    public bool Ended { get; private set; }

    internal DateTimeOffset? NextAt => Ended ? null : _mailbox.NextAt;

    internal void Add(RunEdge input)
    {
        _inputs.Add(input);
        _mailbox.Add(input);
    }

    public void Wake() { }      // its instance checks every block until none progresses

    public void EndReceiver() { }      // messages that were not received are dropped and counted there

    internal bool IsIdle => Out.IsEmpty && !_inputs.Exists(static i => i.HasItems);

    internal bool IsReady => _cell.Ready;

    internal bool TryProcess(Edge edge, in Item item, DateTimeOffset now)
    {
        if (!_mailbox.TryCallWith(edge, item, now, out var failure)) { return false; }
        Called(failure, now);
        Out.TryFlush();
        return true;
    }

    internal bool TryStep(DateTimeOffset now)
    {
        if (Ended || !Out.TryFlush()) { return false; }
        if (_mailbox.TryCall(now, out _, out var failure) is not null)
        {
            Called(failure, now);
            return true;
        }

        if (_mailbox.HasEnded) { End(); }
        return Ended;
    }

    public void Dispose() => Close(static action => action());

    internal void Close(Action<Action> guard)
    {
        Ended = true;
        foreach (var input in _inputs) { guard(() => EdgeQueue.EndAll(input.Queue.TakeAll(Cell.Unfinished), processed: false)); }
        Out.Close(guard);
        guard(_cell.Dispose);
    }

    internal void Withdraw() => _cell.Context.Withdraw();

    private void Called(BlockFailedException? failure, DateTimeOffset now)
    {
        if (failure is not null) { throw new InnerFailure(failure.InnerException!); }
        _mailbox.PutOff(now);
        _outer.ChargeInner(_cell.Context);
    }

    private void End()
    {
        Ended = true;
        foreach (var input in _inputs) { EdgeQueue.EndAll(input.Queue.TakeAll("after-end"), processed: true); }
        foreach (var target in Out.Targets) { target.EndSender(); }
    }
}

/// <summary>An inner block without a policy fails the run under any outer one, because other keys have processed their rows.</summary>
internal sealed class InnerFailure(Exception cause) : Exception(cause.Message, cause);
