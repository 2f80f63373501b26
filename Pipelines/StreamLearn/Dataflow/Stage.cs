namespace StreamLearn;

/// <summary>One block in the dataflow host: bounded inputs, outputs that wait for space, and a pump on the thread pool that runs it, one
/// call at a time.</summary>
/// <remarks>The pump never waits. When the next edge is full it returns, and the receiver schedules it again when there is space.</remarks>
internal abstract class Stage : IThreadPoolWorkItem, ISavedBlock
{
    private const int CallsPerTurn = 256;

    /// <summary>Blocks that may be called one within the other on a thread; what comes after them may run on another core.</summary>
    private const int MaxHops = 4;

    private const int Idle = 0;
    private const int Taken = 1;
    private const int Wanted = 2;       // somebody asks for a turn while a thread has it

    [ThreadStatic]
    private static Stage? _here;

    private EdgeQueue[]? _queues;
    private int _isQueued;
    private int _turn;
    private bool _retired;
    private bool _hadEnded;      // in the run before, by the checkpoint this one goes on from

    protected Stage(PipelineRun run, Node node)
    {
        (Run, Node, Metrics) = (run, node, run.Metrics.Add(node.Name));
        Out = new(Metrics, () => run.Age);
    }

    /// <summary>The run whose pump has this thread, so that the caller is within a block, or close to one; null: none.</summary>
    internal static PipelineRun? RunHere => _here?.Run;

    public Node Node { get; }

    internal BlockMetrics Metrics { get; }

    internal List<StageEdge> Inputs { get; } = [];

    /// <summary>Where the outputs go.</summary>
    internal Fanout Out { get; }

    /// <summary>Guards the queues of the inputs.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>True when the stage takes nothing more; written under its lock.</summary>
    internal bool Closed { get; private set; }

    internal PipelineRun Run { get; }

    /// <summary>When the call before this one ended, or the turn began: one reading of the clock serves as the end of one call and the
    /// beginning of the next.</summary>
    internal long Stamp { get; private protected set; }

    /// <summary>Further blocks that may be called on the thread that has the turn; 0 where there is none, or it is not a pump's.</summary>
    internal int HopsLeft { get; private protected set; }

    /// <summary>True if the stage works on messages while they are queued: it hears of each.</summary>
    internal bool BeginsAhead { get; private protected init; }

    /// <summary>True if the pump has nothing to do, and nothing is due, or what is due waits for outputs that have no space. Any
    /// thread.</summary>
    internal bool IsAtRest =>
        Closed || (Volatile.Read(ref _turn) == Idle && Volatile.Read(ref _isQueued) == 0 && !IsAsleep && !(HasDue && Out.IsEmpty));

    /// <summary>True while a time is waited for, or work of the program's. Any thread.</summary>
    private protected virtual bool HasDue => false;

    /// <summary>True while a slowed device is at its last call, whose outputs it still holds. Any thread.</summary>
    private protected virtual bool IsAsleep => false;

    /// <summary>True once all receivers have ended.</summary>
    protected bool Retired => Volatile.Read(ref _retired);

    /// <summary>True if the block had ended already in the run that this one goes on from.</summary>
    private protected bool HadEnded => _hadEnded;

    /// <summary>Lets the pump run soon; any thread, any number of times. Nothing of the caller's execution context goes with it.</summary>
    internal void Schedule()
    {
        if (!TryWant() && Interlocked.Exchange(ref _isQueued, 1) == 0) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true); }
    }

    /// <summary>A turn of the pump. While another thread has the turn, that one asks for it again.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isQueued, 0);
        while (!TryBeginTurn())
        {
            if (TryWant()) { return; }
        }

        if (Run.TryHold()) { return; }      // the run is paused, and the turn kept until it goes on
        (HopsLeft, _here) = (MaxHops, this);
        Turn();
        _here = null;
        EndTurn();
    }

    /// <summary>Goes on after a pause.</summary>
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

    /// <summary>Ends a message that came after the stage had ended.</summary>
    internal void EndTooLate(in Item item)
    {
        Metrics.Dropped(Run.Stopping ? Run.Unprocessed : "after-end", 1, item.Rows);
        item.End(processed: !Run.Stopping);
    }

    /// <summary>Hears that a receiver has ended. When all have, such as the block that a control flow steers, the stage ends too.</summary>
    internal void EndReceiver()
    {
        if (Closed || !Out.EndReceiver()) { return; }
        Volatile.Write(ref _retired, true);
        Guarded(Retire);
        Schedule();
    }

    /// <summary>Makes the next call, if there is one.</summary>
    protected abstract bool TryStep();

    /// <summary>What this kind of stage keeps.</summary>
    private protected virtual void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now) { }

    /// <summary>Counts the work that has not been counted yet: the turn or the stage ends, or another block is called.</summary>
    internal virtual void Pause() { }

    /// <summary>Gives back what the stage holds; the run has stopped, or the stage has ended.</summary>
    protected virtual void Release() { }

    /// <summary>Asks what is under way outside the pump to end: nobody listens any more.</summary>
    protected virtual void Retire() { }

    /// <summary>True while something outside the pump is under way that must end before the stage may stop.</summary>
    protected virtual bool Busy => false;

    /// <summary>The failure of this block.</summary>
    protected BlockFailedException Failure(Exception cause, long item) => new(Run.Pipeline.Name, Node.Name, item, cause);

    /// <summary>Counts the time since <see cref="Stamp"/> as work, and moves the stamp on.</summary>
    protected TimeSpan Worked(long multiplyAdds)
    {
        var end = Run.Timestamp;
        var took = Run.Elapsed(Stamp, end);
        Stamp = end;
        Metrics.Worked(took.Ticks, multiplyAdds);
        return took;
    }

    /// <summary>Ends the stage in good order: all its outputs have been taken.</summary>
    protected void End()
    {
        if (Closed) { return; }
        Close(stopped: false);
        foreach (var input in Inputs) { input.WakeSender(); }      // one may wait for space in a block that ends before it
        foreach (var target in Out.Targets) { target.EndSender(); }
        foreach (var input in Inputs) { input.EndReceiver(); }
        Run.StageEnded(Node);
    }

    /// <summary>Takes messages on the thread of their sender, without the queue, where that is as good; the rest is queued.</summary>
    internal virtual void TakeNow(Stage sender, EdgeQueue queue, ReadOnlySpan<(int Port, Item Item)> items, ref int place) { }

    /// <summary>Goes on after a receiver has worked on this thread: its time is not this block's.</summary>
    internal void ContinueAt(long stamp) => Stamp = stamp;

    /// <summary>Takes the right to make calls and to move outputs on, if nobody has it.</summary>
    private protected bool TryBeginTurn() => Interlocked.CompareExchange(ref _turn, Taken, Idle) == Idle;

    /// <summary>Gives it back, to the pump if that came meanwhile.</summary>
    private protected void EndTurn()
    {
        HopsLeft = 0;
        if (Interlocked.Exchange(ref _turn, Idle) == Wanted) { Schedule(); }
    }

    /// <summary>Asks the thread that has the turn for a further one; false if there is none.</summary>
    private bool TryWant() =>
        Volatile.Read(ref _turn) != Idle && Interlocked.CompareExchange(ref _turn, Wanted, Taken) != Idle;

    /// <summary>Makes calls until there is nothing to do, or it is the turn of others.</summary>
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

                // also when retired and busy: what a reader still hands in is taken, and dropped by those who have ended
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

    /// <summary>True until the sleep after a call is over; it has the pump run again then.</summary>
    private protected virtual bool IsStillAsleep() => false;

    private void Stop()
    {
        Close(stopped: true);
        Run.StageEnded(Node);
    }

    /// <summary>Takes nothing more and gives back what is held. A block that throws here fails the run, which still ends.</summary>
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
