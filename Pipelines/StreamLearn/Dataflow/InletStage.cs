namespace StreamLearn;

/// <summary>Where messages from outside come in: one at a time, each waiting until the one before has found space.</summary>
/// <remarks>Who adds a message passes it on as well, on its own thread, when nothing waits before it and the pump is idle.</remarks>
internal sealed class InletStage : Stage
{
    private readonly SemaphoreSlim _space = new(1);      // without an upper bound: the end of the stage adds one
    private readonly Func<InletStage, CancellationToken, Task>? _read;
    private readonly CancellationTokenSource _ending;
    private readonly bool _merges;      // the program's code would run as a message is passed on
    private Item _item;
    private bool _full;
    private bool _ended;
    private int _waiting;        // messages whose adders wait
    private long _number;
    private bool _reading;

    /// <param name="run">The run.</param>
    /// <param name="node">The block.</param>
    /// <param name="read">Reads messages and adds them until its token is canceled or there are no more; null if the program adds
    /// them.</param>
    /// <param name="ending">Canceled when no more messages are wanted: at the latest when the run stops, or nobody listens.</param>
    internal InletStage(PipelineRun run, Node node, Func<InletStage, CancellationToken, Task>? read, CancellationTokenSource ending)
        : base(run, node)
    {
        (_read, _reading, _ending) = (read, read is not null, ending);
        _merges = run.Pipeline.Edges.Any(e => e.From == node.Index && e.Options.Merge is not null);
    }

    protected override bool Busy => Volatile.Read(ref _reading);

    /// <summary>Starts reading, once every block is wired.</summary>
    internal void Open()
    {
        if (_read is not null) { _ = Task.Run(ReadAsync); }
    }

    /// <summary>Adds a message that its owner has passed on, with its token; waits for space.</summary>
    /// <returns>False if the stage has ended; the message is then still the caller's.</returns>
    /// <exception cref="SchemaException">It has other columns than declared; it is still the caller's.</exception>
    internal ValueTask<bool> AddAsync(object value, Token? token, CancellationToken cancellationToken)
    {
        if (Node.Refusal(value) is { } refusal) { return ValueTask.FromException<bool>(refusal); }
        if (Volatile.Read(ref _ended)) { return new(false); }
        var item = Item.Of(value, token, 0, 0);
        return !cancellationToken.IsCancellationRequested && Volatile.Read(ref _waiting) == 0 && TryPassOn(item)
            ? new(true)
            : KeepAsync(item, cancellationToken);
    }

    /// <summary>Waits until no other message waits for the pump, in the order of the calls. The end waits for those that wait.</summary>
    private async ValueTask<bool> KeepAsync(Item item, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _space.WaitAsync(cancellationToken).ConfigureAwait(false);
            return TakeSpace(item);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            if (Volatile.Read(ref _ended)) { Schedule(); }
        }
    }

    /// <summary>Passes a message on, or leaves it for the pump.</summary>
    private bool TakeSpace(in Item item)
    {
        if (TryPassOn(item))
        {
            _space.Release();
            return true;
        }

        lock (Gate)
        {
            if (Closed || Run.Stopping)
            {
                _space.Release();
                return false;
            }

            _item = item;
            _full = true;
        }

        Schedule();
        return true;
    }

    /// <summary>Adds a message that the host has read itself; if the stage or the run ends before there is space, the message is given
    /// back and its token refused.</summary>
    internal async ValueTask<bool> TryAddAsync(object value, Token? token)
    {
        var (passed, added) = (false, false);
        try
        {
            Ownership.PassOn(value);
            passed = true;
            added = await AddAsync(value, token, Run.Stopped).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run has stopped.
        }
        finally
        {
            if (!added) { new Item(passed ? value : null!, token, 0, 0, 0, 0).End(processed: false); }
        }

        return added;
    }

    /// <summary>Ends the stage when what was added has been taken.</summary>
    internal void Complete()
    {
        lock (Gate) { _ended = true; }
        Schedule();
    }

    /// <summary>Passes a message on at once. Not where the program merges messages: its code runs on the pump's thread, without the
    /// adder's context.</summary>
    /// <returns>False if the pump must do it.</returns>
    private bool TryPassOn(in Item item)
    {
        if (_merges || !TryBeginTurn()) { return false; }
        try
        {
            if (Closed || Run.Stopping || Volatile.Read(ref _full) || !Out.IsEmpty) { return false; }
            Give(item);
            Out.TryFlush();
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, _number));
        }
        finally
        {
            EndTurn();
        }

        return true;
    }

    private void Give(in Item item)
    {
        Metrics.Gave(item.Rows);
        Out.Pending.Add((0, item with { First = _number, Last = _number }));
        _number++;
    }

    protected override void Retire() => _ending.Cancel();

    protected override bool TryStep()
    {
        Item item;
        bool took;
        lock (Gate)
        {
            var isOver = (_ended && Volatile.Read(ref _waiting) == 0) || (Run.Draining && _read is null);
            if (!_full && !isOver) { return false; }
            (item, took, _ended) = (_item, _full, _ended || !_full);
            _item = default;
            Volatile.Write(ref _full, false);
        }

        if (!took)
        {
            End();
            return false;
        }

        Give(item);
        _space.Release();
        return true;
    }

    protected override void Release()
    {
        Item item;
        bool left;
        lock (Gate)
        {
            (item, left) = (_item, _full);
            (_full, _item, _ended) = (false, default, true);
        }

        _space.Release();      // whoever waits sees that the stage has ended, and lets the next one see it
        if (!left) { return; }
        if (!Run.Stopping) { Metrics.Dropped("after-end", 1, item.Rows); }      // nobody listens any more
        item.End(processed: !Run.Stopping);
    }

    private async Task ReadAsync()
    {
        try
        {
            await _read!(this, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The sequence was asked to end.
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, _number + 1));
        }
        finally
        {
            Volatile.Write(ref _reading, false);
            Complete();
        }
    }
}
