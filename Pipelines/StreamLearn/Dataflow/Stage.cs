namespace StreamLearn;

/// <summary>A block in the dataflow host: bounded inputs, outputs that wait for space, a thread-pool pump with one call at a
/// time.</summary>
/// <remarks>The pump never blocks: at a full edge it returns, and the receiver reschedules it.</remarks>
internal abstract class Stage(PipelineRun run, Node node)
    : SavedBlock(node, new(run.Metrics.Add(node.Name), () => run.Age)), IThreadPoolWorkItem
{
    private const int CallsPerTurn = 256;

    /// <summary>Maximum depth of nested block calls on a thread; later blocks may use another core.</summary>
    private const int MaxHops = 4;

    private const int Idle = 0;
    private const int Taken = 1;
    private const int Wanted = 2;       // another turn is requested while a thread holds one

    [ThreadStatic]
    private static Stage? _here;

    private int _isQueued;
    private int _turn;
    private bool _retired;

    /// <summary>The run whose pump uses this thread; null: none.</summary>
    internal static PipelineRun? RunHere => _here?.Run;

    internal List<StageEdge> Inputs { get; } = [];

    internal Lock Gate { get; } = new();

    /// <summary>True when the stage accepts no more messages; written under the lock.</summary>
    internal bool Closed { get; private set; }

    internal PipelineRun Run { get; } = run;

    /// <summary>End of the previous call or start of the turn: one clock reading serves both.</summary>
    internal long Stamp { get; private protected set; }

    /// <summary>Further blocks that may be called on this thread; 0: none, or the thread does not run a pump.</summary>
    internal int HopsLeft { get; private protected set; }

    internal bool BeginsAhead { get; private protected init; }

    /// <summary>True if the pump is idle and nothing is due, or due outputs lack space. Thread-safe.</summary>
    internal bool IsAtRest =>
        Closed || (Volatile.Read(ref _turn) == Idle && Volatile.Read(ref _isQueued) == 0 && !IsAsleep && !(HasDue && Out.IsEmpty));

    /// <summary>True while the stage waits for a time or for work of the program. Thread-safe.</summary>
    private protected virtual bool HasDue => false;

    /// <summary>True while a slowed device holds its last call's outputs. Thread-safe.</summary>
    private protected virtual bool IsAsleep => false;

    protected bool Retired => Volatile.Read(ref _retired);

    private protected override bool IsOver => Closed;

    private protected override IEnumerable<RunEdge> Edges => Inputs;

    /// <summary>Schedules the pump without the caller's execution context. Thread-safe, idempotent.</summary>
    internal void Schedule()
    {
        if (!TryWant() && Interlocked.Exchange(ref _isQueued, 1) == 0) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true); }
    }

    /// <summary>Runs the pump. If another thread has the turn, that thread reschedules the pump.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isQueued, 0);
        while (!TryBeginTurn())
        {
            if (TryWant()) { return; }
        }

        if (Run.TryHold()) { return; }      // the run is paused; the turn is kept until it resumes
        (HopsLeft, _here) = (MaxHops, this);
        Turn();
        _here = null;
        EndTurn();
    }

    internal void Resume()
    {
        EndTurn();
        Schedule();
    }

    internal void EndTooLate(in Item item)
    {
        Metrics.Dropped(Run.Stopping ? Run.Unprocessed : "after-end", 1, item.Rows);
        item.End(processed: !Run.Stopping);
    }

    /// <summary>Ends once all receivers have ended.</summary>
    internal void EndReceiver()
    {
        if (Closed || !Out.EndReceiver()) { return; }
        Volatile.Write(ref _retired, true);
        Guarded(Retire);
        Schedule();
    }

    protected abstract bool TryStep();

    /// <summary>Counts the time of pending work before the turn ends or another block is called.</summary>
    internal virtual void Pause() { }

    protected virtual void Release() { }

    protected virtual void Retire() { }

    /// <summary>True while outside work must end before the stage can stop.</summary>
    protected virtual bool Busy => false;

    protected BlockFailedException Failure(Exception cause, long item) => new(Run.Pipeline.Name, Node.Name, item, cause);

    protected TimeSpan Worked(long multiplyAdds)
    {
        var end = Run.Timestamp;
        var took = Run.Elapsed(Stamp, end);
        Stamp = end;
        Metrics.Worked(took.Ticks, multiplyAdds);
        return took;
    }

    protected void End()
    {
        if (Closed) { return; }
        Close(stopped: false);
        foreach (var input in Inputs) { input.WakeSender(); }      // a sender may wait for space in an ended block
        foreach (var target in Out.Targets) { target.EndSender(); }
        foreach (var input in Inputs) { input.EndReceiver(); }
        Run.StageEnded(Node);
    }

    /// <summary>Processes messages on the sender's thread if that costs no more; queues the rest.</summary>
    internal virtual void TakeNow(Stage sender, EdgeQueue queue, ReadOnlySpan<(int Port, Item Item)> items, ref int place) { }

    internal void ContinueAt(long stamp) => Stamp = stamp;

    /// <summary>Acquires the exclusive right to call the block and to forward outputs, if it is free.</summary>
    private protected bool TryBeginTurn() => Interlocked.CompareExchange(ref _turn, Taken, Idle) == Idle;

    private protected void EndTurn()
    {
        HopsLeft = 0;
        if (Interlocked.Exchange(ref _turn, Idle) == Wanted) { Schedule(); }
    }

    private bool TryWant() => Volatile.Read(ref _turn) != Idle && Interlocked.CompareExchange(ref _turn, Wanted, Taken) != Idle;

    private void Turn()
    {
        try
        {
            Stamp = Run.Timestamp;
            for (var i = 0; i < CallsPerTurn; i++)
            {
                if (Closed) { return; }
                if (Run.Stopping)
                {
                    if (!Busy) { Stop(); }
                    return;
                }

                if (Run.IsPausing || IsStillAsleep() || !Out.TryFlush())
                {
                    Pause();
                    return;
                }

                if ((HadEnded || Retired) && !Busy)
                {
                    Pause();
                    End();
                    return;
                }

                // also when retired and busy: readers may still add messages, which receivers that have ended then drop
                if (!TryStep()) { return; }
            }

            Pause();
            Schedule();
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, Metrics.ItemsIn));
            Schedule();
        }
    }

    private protected virtual bool IsStillAsleep() => false;

    private void Stop()
    {
        Close(stopped: true);
        Run.StageEnded(Node);
    }

    /// <summary>Stops accepting messages and releases resources. If a block throws, the run fails but still ends.</summary>
    private void Close(bool stopped)
    {
        List<Item> left = [];
        lock (Gate)
        {
            Closed = true;
            foreach (var input in Inputs) { left.AddRange(input.Queue.TakeAll(stopped ? Run.Unprocessed : "after-end")); }
        }

        Guarded(() => EdgeQueue.EndAll(left, processed: !stopped));
        Out.Close(Guarded);
        Guarded(Release);
    }

    private void Guarded(Action action)
    {
        try { action(); }
        catch (Exception e) { Run.Fail(Failure(e, Metrics.ItemsIn)); }
    }
}
