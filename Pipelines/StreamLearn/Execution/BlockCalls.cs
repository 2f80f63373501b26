namespace StreamLearn;

/// <summary>Calls one operator or local source of a pipeline by hand on the caller's thread. For test kits and custom hosts.</summary>
/// <remarks> It counts calls, checks outputs, tracks batch ownership and applies the error policy as the hosts do, but retries at once. The
/// caller supplies the time. Not thread-safe. </remarks>
internal sealed class BlockCalls : IDisposable
{
    private readonly Queue<object>[] _outputs = [.. Enumerable.Range(0, Ports.PortCount).Select(static _ => new Queue<object>())];
    private readonly List<Batch> _taken = [];
    private readonly Pipeline _pipeline;
    private readonly Node _node;
    private readonly long _seed;
    private readonly BatchPool _pool;
    private readonly Edge? _data;
    private readonly Edge? _second;
    private readonly Edge[] _controls;
    private readonly Cell? _cell;
    private OperatorContext _context;
    private Source? _source;
    private long _made;

    public BlockCalls(Pipeline pipeline, Node node, BatchPool pool, DateTimeOffset start, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(pool);
        (_pipeline, _node, _pool, _seed, Metrics) = (pipeline, node, pool, seed, new(node.Name));
        _data = pipeline.Edges.FirstOrDefault(e => e.To == node.Index && !e.IsControl && !e.IsSecond);
        _second = pipeline.Edges.FirstOrDefault(e => e.To == node.Index && e.IsSecond);
        _controls = [.. pipeline.Edges.Where(e => e.To == node.Index && e.IsControl)];
        _context = ContextAt(start);
        if (node.Work is OperatorWork)
        {
            _cell = new(node, _context, Metrics, [], pipeline.MaxOutputBytes(node)) { RepeatsAtOnce = true };
            Settle();
        }
        else if (node.Work is SourceWork work) { _source = work.Create(_context); }
        else { throw new ArgumentException($"expected an operator or a local source, got '{node.Name}' ({node.Kind})", nameof(node)); }
    }

    public BlockMetrics Metrics { get; }

    public DateTimeOffset Now => _context.Now;

    public bool Ready => Operator.Ready;

    public bool AwaitingReplies => Operator.AwaitingReplies;

    /// <summary>The time at which the operator asked to be woken.</summary>
    public DateTimeOffset? WakeAt { get; private set; }

    /// <summary>When a source's next message is due; null: no more.</summary>
    public DateTimeOffset? NextAt => Source.NextAt;

    /// <summary>State that the operator declares but cannot save, which rules out checkpoints; null: none.</summary>
    public string? UnsavedState => DeclaredState.UnsavedWithin(_node);

    /// <summary>Called with the port and the message of each emission, before anybody receives the message.</summary>
    public Action<int, object>? Emitted { get; set; }

    private Cell Operator => _cell ?? throw new InvalidOperationException($"'{_node.Name}' is a source: it has no inputs");

    private Source Source => _source ?? throw new InvalidOperationException($"'{_node.Name}' is an operator: it is called with messages");

    public bool IsOpen(bool second = false) => Ready && (Operator.Joining?.IsOpen(second) ?? !second);

    /// <summary>The block then owns the message.</summary>
    public void Process(object message, DateTimeOffset now, bool second = false)
    {
        if ((second && _second is null) || !IsOpen(second))
        {
            Ownership.TakeBack(message);        // otherwise a test would fail for the batch instead of its own mistake
            throw new InvalidOperationException(second
                ? "the block is closed to its second input, or has none"
                : "the block is closed to data (Ready is false)");
        }

        Call(CallKind.Process, second ? _second : _data, message, now);
    }

    public void Control(object message, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(message);
        var edge = Array.Find(_controls, e => _pipeline.Nodes[e.From].Outputs[e.Port].IsInstanceOfType(message));
        Call(CallKind.Control, edge ?? throw new InvalidOperationException(
            $"the block is connected to no control flow of {message.GetType().Name}"), message, now);
    }

    /// <summary>Wakes an operator, even if it did not ask for it, and updates <see cref="WakeAt"/>.</summary>
    public void WakeUp(DateTimeOffset now)
    {
        WakeAt = null;
        Call(CallKind.WakeUp, null, null, now);
    }

    public void Complete(DateTimeOffset now) => Call(CallKind.Complete, null, null, now);

    public void CompleteInput(bool second, DateTimeOffset now)
    {
        if (_second is null) { throw new InvalidOperationException("the block has one input: call Complete"); }
        Call(CallKind.Complete, second ? _second : _data, null, now);
    }

    /// <summary>Sets the time for a source that rechecks it (<see cref="Source.LooksAgain"/>).</summary>
    public void Look(DateTimeOffset now) => _context.Begin(now);

    /// <summary>Creates a source's next message, which the caller owns.</summary>
    public object MakeNext(DateTimeOffset now)
    {
        if (NextAt is null) { throw new InvalidOperationException("the source has ended"); }
        _context.Begin(now);
        _made++;
        return Source.NextItem();
    }

    /// <summary>Replaces the operator or source by a new one that restores its saved state.</summary>
    public bool Reload(bool asRestart)
    {
        if (_cell is not null) { return _cell.Reload(asRestart); }
        var (buffer, now) = (new StateBuffer(), Now);
        StateStream s = new(buffer);
        SourceState.State(ref s, _made, Source, _context, Metrics, now);
        (_source as IStateful)?.State(ref s);
        (_source as IDisposable)?.Dispose();
        _context = ContextAt(now);
        _source = ((SourceWork)_node.Work).Create(_context);
        s = new(buffer.Written, _pool);
        _made = SourceState.State(ref s, 0, _source, _context, Metrics, now);
        (_source as IStateful)?.State(ref s);
        return true;
    }

    /// <summary>Returns the messages on an operator's port that were not received yet, oldest first.</summary>
    public IReadOnlyCollection<object> Outputs(int port) => _outputs[port];

    /// <summary>The caller then owns the message.</summary>
    public object Take(int port)
    {
        if (!_outputs[port].TryDequeue(out var item))
        {
            throw new InvalidOperationException($"the block has emitted no further message on port {port}");
        }

        Ownership.HandOver(item);
        if (_pool.IsGuarded && item is Batch batch) { _taken.Add(batch); }
        return item;
    }

    /// <summary>Disposes messages that were not received, without allocating.</summary>
    public void Clear()
    {
        foreach (var port in _outputs)
        {
            while (port.TryDequeue(out var item)) { Ownership.End(item); }
        }
    }

    /// <summary>Ends the block. Disposes messages not received and, with a guarded pool, batches not disposed.</summary>
    public void Dispose()
    {
        _cell?.Dispose();
        (_source as IDisposable)?.Dispose();
        Clear();
        foreach (var batch in _taken) { batch.TryClose(); }
        _taken.Clear();
    }

    private OperatorContext ContextAt(DateTimeOffset now)
    {
        OperatorContext context = new(_pipeline.Name, _node.Name, _seed, _pool, Metrics, CancellationToken.None) { Columns = _node.Schema };
        context.Begin(now);
        return context;
    }

    private void Call(CallKind kind, Edge? from, object? message, DateTimeOffset now)
    {
        if (message is not null) { Ownership.PassOn(message); }
        var failure = Operator.Call(kind, from, message is null ? default : Item.Of(message, null, 0, 0), now);
        Metrics.Worked(0, _context.ChargedMultiplyAdds);
        Settle();
        if (failure is not null) { throw failure; }
    }

    private void Settle()
    {
        foreach (var (port, item) in Operator.Outputs)
        {
            Emitted?.Invoke(port, item.Value);
            _outputs[port].Enqueue(item.Value);
        }

        Operator.Outputs.Clear();
        if (_context.TakeWake() is { } wake && !(WakeAt <= wake)) { WakeAt = wake; }
    }
}
