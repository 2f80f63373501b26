namespace StreamLearn.Testing;

/// <summary>Runs one operator by script, without a host: sends it messages, moves its clock, takes what it emits.</summary>
/// <remarks>
/// The block is taken from a pipeline, so its options, outputs and control inputs are the real ones. Time stands still except in
/// <see cref="Advance"/>.
/// A message taken from the probe belongs to the test, which may dispose it or leave that to the probe.
/// </remarks>
public sealed partial class OperatorProbe : IDisposable
{
    /// <summary>The clock's first time, 2025-01-01T00:00Z.</summary>
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MaxWakeUpsAtOnce = 100_000;
    private const int AllReloaded = 128;     // calls, each of a new operator; of those after them, one in so many

    /// <summary>The switch by which calls are made of a new operator that has taken up the state of the one before, where it has one: what
    /// a test expects then holds for the state too. Probes without guard are left out.</summary>
    private static readonly bool Reloads = AppContext.TryGetSwitch("StreamLearn.Testing.Reloads", out var reloads) && reloads;

    private readonly Cell _cell;
    private readonly Queue<object>[] _outputs = [.. Enumerable.Range(0, Ports.PortCount).Select(static _ => new Queue<object>())];
    private readonly List<Batch> _taken = [];
    private readonly (Type Type, EdgeQueue Queue)[] _controls;
    private readonly EdgeQueue _data;
    private readonly EdgeQueue? _second;
    private readonly bool _guard;
    private DateTimeOffset? _wakeAt;
    private int _calls;
    private bool _disposed;

    private OperatorProbe(Pipeline pipeline, Node node, long seed, bool guard)
    {
        (Pool, _guard, Metrics, Pipeline) = (new(guard), guard, new(node.Name), pipeline);
        var tokens = new TokenPool();
        var context = new OperatorContext(pipeline.Name, node.Name, seed, Pool, Metrics, CancellationToken.None) { Columns = node.Schema };
        context.Begin(Start);
        _cell = new(node, context, Metrics, [], pipeline.MaxOutputBytes(node));
        EdgeQueue QueueOf(Edge edge) => new(edge, $"{pipeline.Nodes[edge.From].Name}→{node.Name}", Metrics, tokens);
        _data = QueueOf(pipeline.Edges.First(e => e.To == node.Index && !e.IsControl && !e.IsSecond));
        _second = pipeline.Edges.FirstOrDefault(e => e.To == node.Index && e.IsSecond) is { } edge ? QueueOf(edge) : null;
        var controls = pipeline.Edges.Where(e => e.To == node.Index && e.IsControl);
        _controls = [.. controls.Select(e => (pipeline.Nodes[e.From].Outputs[e.Port], QueueOf(e)))];
        Settle();
    }

    /// <summary>The pipeline that the block was taken from.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pool of the run; batches for the block are rented here.</summary>
    public BatchPool Pool { get; }

    /// <summary>The block's counters.</summary>
    public BlockMetrics Metrics { get; }

    /// <summary>The time of the next call.</summary>
    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>When the block wants to be woken; null if it asked for nothing.</summary>
    public DateTimeOffset? WakeAt => _wakeAt;

    /// <summary>False while the block is closed to data.</summary>
    public bool Ready => _cell.Ready;

    /// <summary>True while the block awaits replies on its control inputs.</summary>
    public bool AwaitingReplies => _cell.AwaitingReplies;

    /// <summary>Sees each message as the block emits it, before a test takes it: port and message.</summary>
    internal Action<int, object>? Emitted { get; set; }

    /// <summary>
    /// Sends a data message; it is the block's from now on. A wake-up that falls due at once waits for <c>Advance(TimeSpan.Zero)</c>. A
    /// batch of other columns than declared, which a run refuses before the block, is sent as it is: a test sees what the block does.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException">The block is closed to data; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Send(object message)
    {
        if (!IsOpen(second: false))
        {
            Ownership.TakeBack(message);        // otherwise the test fails for the batch, not for what it did
            throw new InvalidOperationException("the block is closed to data (Ready is false)");
        }

        Call(CallKind.Process, _data, message);
    }

    /// <summary>Sends a data message to the second input of a block that has two.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="InvalidOperationException">The block is closed to it, or has one input; the message is disposed.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void SendSecond(object message)
    {
        if (_second is null || !IsOpen(second: true))
        {
            Ownership.TakeBack(message);
            throw new InvalidOperationException("the block is closed to its second input, or has none");
        }

        Call(CallKind.Process, _second, message);
    }

    /// <summary>True if a block is open to data on an input.</summary>
    /// <param name="second">True: the second input of a block that has two.</param>
    public bool IsOpen(bool second) => Ready && (_cell.Joining?.IsOpen(second) ?? !second);

    /// <summary>Tells a block with two inputs that one has ended.</summary>
    /// <param name="second">True: the second input.</param>
    /// <exception cref="InvalidOperationException">The block has one input.</exception>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void EndInput(bool second)
    {
        if (_second is null) { throw new InvalidOperationException("the block has one input: call Complete"); }
        Call(CallKind.Complete, second ? _second : _data, null);
    }

    /// <summary>Sends a control message to the input of its type.</summary>
    /// <param name="message">The message.</param>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Control(object message)
    {
        var index = Array.FindIndex(_controls, c => c.Type.IsInstanceOfType(message));
        if (index < 0)
        {
            throw new InvalidOperationException($"the block under test is wired to no control flow of {message.GetType().Name}");
        }

        Call(CallKind.Control, _controls[index].Queue, message);
    }

    /// <summary>Moves the clock, stopping at each wake-up that falls due.</summary>
    /// <param name="time">By how much, 0 or more.</param>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = Now + time;
        for (var calls = 0; _wakeAt <= end; calls++)
        {
            if (calls == MaxWakeUpsAtOnce)
            {
                throw new InvalidOperationException($"the block asked for more than {MaxWakeUpsAtOnce} wake-ups in {time}");
            }

            if (_wakeAt > Now) { Now = _wakeAt.Value; }
            _wakeAt = null;
            Call(CallKind.WakeUp, null, null);
        }

        Now = end;
    }

    /// <summary>Makes the wake-up that is due now, if there is one: a block that always asks for the next can be taken step by
    /// step.</summary>
    /// <returns>False if none is due.</returns>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public bool WakeUp()
    {
        if (!(_wakeAt <= Now)) { return false; }
        _wakeAt = null;
        Call(CallKind.WakeUp, null, null);
        return true;
    }

    /// <summary>Tells the block that there is no more input.</summary>
    /// <exception cref="BlockFailedException">The block threw.</exception>
    public void Complete() => Call(CallKind.Complete, null, null);

    /// <summary>Disposes all that was emitted and not taken; allocates nothing.</summary>
    public void Clear()
    {
        foreach (var port in _outputs)
        {
            while (port.TryDequeue(out var item)) { Ownership.End(item); }
        }
    }

    /// <summary>Ends the run: the block gives back what it holds.</summary>
    /// <exception cref="InvalidOperationException">A batch is still rented: the block has lost it.</exception>
    public void Dispose()
    {
        if (_disposed) { return; }
        _disposed = true;
        _cell.Dispose();
        Clear();
        foreach (var batch in _taken) { batch.TryClose(); }

        if (Pool.RentedBatches != 0)
        {
            throw new InvalidOperationException(
                $"block '{Metrics.Block}' ended with batches still rented: {Pool.RentedBatches}. The block emits, drops or disposes each "
                    + "that it got or rented; the test sends or disposes each that it rented");
        }
    }

    /// <summary>True: after each call the block is made anew, and goes on from what it saved, as after a restart.</summary>
    internal bool Restarts { get; set; }

    /// <summary>State that the block declares and cannot save, so that no run of it keeps checkpoints; null: none.</summary>
    internal string? Unsaved => DeclaredState.UnsavedWithin(_cell.Node);

    private void Call(CallKind kind, EdgeQueue? from, object? message)
    {
        if (message is not null) { Ownership.PassOn(message); }
        if (Reloads && !Restarts && _guard && (_calls < AllReloaded || _calls % AllReloaded == 0)) { _cell.Reload(); }
        _calls++;
        var item = message is null ? default : Item.Of(message, null, 0, 0);
        var failure = _cell.Call(kind, from?.Edge, item, Now);
        Metrics.Worked(0, _cell.Context.ChargedMultiplyAdds);
        Settle();
        if (failure is not null) { throw failure; }
        if (Restarts && kind != CallKind.Complete) { _cell.Reload(asRestart: true); }
    }

    private void Settle()
    {
        foreach (var (port, item) in _cell.Outputs)
        {
            Emitted?.Invoke(port, item.Value);
            _outputs[port].Enqueue(item.Value);
        }

        _cell.Outputs.Clear();
        if (_cell.Context.TakeWake() is { } wake && !(_wakeAt <= wake)) { _wakeAt = wake; }
    }
}
