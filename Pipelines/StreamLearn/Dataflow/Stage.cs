namespace StreamLearn;

/// <summary>One block in the dataflow host: bounded inputs, outputs that wait for space, and a thread-pool pump that makes one call at a
/// time.</summary>
/// <remarks>The pump never blocks: at a full edge it returns, and the receiver reschedules it.</remarks>
internal abstract class Stage : IThreadPoolWorkItem, ISavedBlock
{
    private const int CallsPerTurn = 256;

    /// <summary>Maximal depth of nested block calls on a thread; later blocks may use another core.</summary>
    private const int MaxHops = 4;

    private const int Idle = 0;
    private const int Taken = 1;
    private const int Wanted = 2;       // a turn is requested while a thread holds it

    [ThreadStatic]
    private static Stage? _here;

    private EdgeQueue[]? _queues;
    private int _isQueued;
    private int _turn;
    private bool _retired;
    private bool _hadEnded;      // before the checkpoint that this run resumes from

    protected Stage(PipelineRun run, Node node)
    {
        (Run, Node, Metrics) = (run, node, run.Metrics.Add(node.Name));
        Out = new(Metrics, () => run.Age);
    }

    /// <summary>The run whose pump is on this thread; null: none.</summary>
    internal static PipelineRun? RunHere => _here?.Run;

    public Node Node { get; }

    internal BlockMetrics Metrics { get; }

    internal List<StageEdge> Inputs { get; } = [];

    internal Fanout Out { get; }

    internal Lock Gate { get; } = new();

    /// <summary>True when the stage takes nothing more; written under the lock.</summary>
    internal bool Closed { get; private set; }

    internal PipelineRun Run { get; }

    /// <summary>End of the previous call or start of the turn: one clock reading serves both.</summary>
    internal long Stamp { get; private protected set; }

    /// <summary>Further blocks that may be called on this thread; 0: none, or not a pump's thread.</summary>
    internal int HopsLeft { get; private protected set; }

    /// <summary>True if the stage works on queued messages and is notified of each.</summary>
    internal bool BeginsAhead { get; private protected init; }

    /// <summary>True if the pump is idle and nothing is due, or due outputs lack space. Thread-safe.</summary>
    internal bool IsAtRest =>
        Closed || (Volatile.Read(ref _turn) == Idle && Volatile.Read(ref _isQueued) == 0 && !IsAsleep && !(HasDue && Out.IsEmpty));

    /// <summary>True while a time or program work is awaited. Thread-safe.</summary>
    private protected virtual bool HasDue => false;

    /// <summary>True while a slowed device holds its last call's outputs. Thread-safe.</summary>
    private protected virtual bool IsAsleep => false;

    protected bool Retired => Volatile.Read(ref _retired);

    private protected bool HadEnded => _hadEnded;

    /// <summary>Schedules the pump without the caller's execution context. Thread-safe, idempotent.</summary>
    internal void Schedule()
    {
        if (!TryWant() && Interlocked.Exchange(ref _isQueued, 1) == 0) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true); }
    }

    /// <summary>Runs the pump; if another thread has the turn, that one reschedules it.</summary>
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

    public abstract string HostFormat { get; }

    public virtual IStateful? Stateful => null;

    public bool HasEnded => Closed || _hadEnded;

    EdgeQueue[] ISavedBlock.Queues => _queues ??= [.. Inputs.Select(static i => i.Queue)];

    void ISavedBlock.HostState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        var hasEnded = s.Value(HasEnded);
        if (s.IsReading) { _hadEnded = hasEnded; }
        Out.State(ref s, messages, Node);
        OwnState(ref s, messages, now);
    }

    public virtual void Loaded() { }

    internal void EndTooLate(in Item item)
    {
        Metrics.Dropped(Run.Stopping ? Run.Unprocessed : "after-end", 1, item.Rows);
        item.End(processed: !Run.Stopping);
    }

    /// <summary>Ends the stage once all its receivers have ended.</summary>
    internal void EndReceiver()
    {
        if (Closed || !Out.EndReceiver()) { return; }
        Volatile.Write(ref _retired, true);
        Guarded(Retire);
        Schedule();
    }

    protected abstract bool TryStep();

    private protected virtual void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) { }

    /// <summary>Counts pending work time before the turn ends or another block is called.</summary>
    internal virtual void Pause() { }

    protected virtual void Release() { }

    protected virtual void Retire() { }

    /// <summary>True while outside work must end before the stage may stop.</summary>
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

    /// <summary>Processes messages on the sender's thread where that is as good; the rest is queued.</summary>
    internal virtual void TakeNow(Stage sender, EdgeQueue queue, ReadOnlySpan<(int Port, Item Item)> items, ref int place) { }

    internal void ContinueAt(long stamp) => Stamp = stamp;

    /// <summary>Takes the exclusive right to call and to forward outputs, if free.</summary>
    private protected bool TryBeginTurn() => Interlocked.CompareExchange(ref _turn, Taken, Idle) == Idle;

    private protected void EndTurn()
    {
        HopsLeft = 0;
        if (Interlocked.Exchange(ref _turn, Idle) == Wanted) { Schedule(); }
    }

    private bool TryWant() =>
        Volatile.Read(ref _turn) != Idle && Interlocked.CompareExchange(ref _turn, Wanted, Taken) != Idle;

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

                if ((_hadEnded || Retired) && !Busy)
                {
                    Pause();
                    End();
                    return;
                }

                // also when retired and busy: readers may still add messages, which ended receivers drop
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

    /// <summary>Stops taking messages and releases resources. A throwing block fails the run, which still ends.</summary>
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
        try
        {
            action();
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, Metrics.ItemsIn));
        }
    }
}
