namespace StreamLearn;

/// <summary>Where messages from outside come in: one at a time, each waiting until the one before has found room.</summary>
internal sealed class InletStage : Stage
{
    private readonly SemaphoreSlim _room = new(1, 1);
    private readonly Func<InletStage, CancellationToken, Task>? _read;
    private Item _item;
    private bool _full;
    private bool _ended;
    private long _number;
    private bool _reading;

    /// <param name="run">The run.</param>
    /// <param name="node">The block.</param>
    /// <param name="read">Reads messages and adds them until its token is canceled or there are no more; null if the program adds them.</param>
    internal InletStage(PipelineRun run, Node node, Func<InletStage, CancellationToken, Task>? read)
        : base(run, node) => _read = read;

    protected override bool Busy => Volatile.Read(ref _reading);

    /// <summary>Starts reading, once every block is wired.</summary>
    internal void Open()
    {
        if (_read is null) { return; }
        Volatile.Write(ref _reading, true);
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Adds a message, with its token; waits for room.</summary>
    /// <returns>False if the stage has ended; the message is then still the caller's.</returns>
    internal async ValueTask<bool> AddAsync(object value, Token? token, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            if (_ended || Closed || Run.Stopping)
            {
                _room.Release();
                return false;
            }

            _item = new(value, token, _number, _number, Item.BytesOf(value));
            _number++;
            _full = true;
        }

        Schedule();
        return true;
    }

    /// <summary>Ends the stage when what was added has been taken.</summary>
    internal void Complete()
    {
        lock (Gate) { _ended = true; }
        Schedule();
    }

    protected override bool TryStep()
    {
        Item item;
        bool took;
        lock (Gate)
        {
            if (!_full && !_ended && !(Run.Draining && _read is null)) { return false; }
            (item, took, _ended) = (_item, _full, _ended || !_full);
            (_item, _full) = (default, false);
        }

        if (!took)
        {
            End();
            return false;
        }

        Metrics.Gave(item.Rows);
        Pending.Add((0, item));
        _room.Release();
        return true;
    }

    protected override void Release()
    {
        lock (Gate)
        {
            if (_full) { _item.End(processed: false); }
            (_full, _item, _ended) = (false, default, true);
        }

        _room.Release();      // whoever waits sees that the stage has ended, and lets the next one see it
    }

    private async Task ReadAsync()
    {
        try
        {
            await _read!(this, Run.SourcesEnd).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Run.SourcesEnd.IsCancellationRequested)
        {
            // The run stops or drains: the sequence was asked to end.
        }
        catch (Exception e)
        {
            Run.Fail(new BlockFailedException(Run.Pipeline.Name, Node.Name, _number, e));
        }
        finally
        {
            Volatile.Write(ref _reading, false);
            Complete();
        }
    }
}
