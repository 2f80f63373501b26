using System.Runtime.InteropServices;
using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

/// <summary>One block in the dataflow host: bounded inputs, outputs that wait for room, and an <see cref="ActionBlock{TInput}"/> that
/// pumps it, one call at a time.</summary>
/// <remarks>The pump never waits. When the next edge is full it returns, and the receiver schedules it again when there is room.</remarks>
internal abstract class Stage
{
    private const int CallsPerTurn = 256;

    private readonly Action _post;
    private readonly List<(int Port, Item Item)> _pending = [];
    private int _pendingIndex;
    private int _targetIndex;
    private int _signal;
    private long _blockedSince;
    private bool _closed;
    private int _receiversEnded;
    private bool _retired;

    protected Stage(PipelineRun run, Node node)
    {
        (Run, Node, Metrics) = (run, node, run.Metrics.Add(node.Name));
        ActionBlock<bool> pump = new(
            _ => Turn(), new ExecutionDataflowBlockOptions { BoundedCapacity = 2, MaxDegreeOfParallelism = 1, EnsureOrdered = false });
        _post = () => pump.Post(true);
    }

    internal Node Node { get; }

    internal BlockMetrics Metrics { get; }

    internal List<(EdgeQueue Queue, Stage Sender)> Inputs { get; } = [];

    /// <summary>Where the outputs of each port go.</summary>
    internal List<(EdgeQueue Queue, Stage Receiver)>[] Targets { get; } = [[], [], [], []];

    protected PipelineRun Run { get; }

    protected Lock Gate { get; } = new();

    protected bool Closed => _closed;

    /// <summary>Outputs that still look for room, and that a stage adds to.</summary>
    protected List<(int Port, Item Item)> Pending
    {
        get => _pending;
        init => _pending = value;
    }

    /// <summary>When the call before this one ended, or the turn began: one reading of the clock serves as the end of one call and the
    /// beginning of the next.</summary>
    protected long Stamp { get; private set; }

    /// <summary>Lets the pump run soon; any thread, any number of times.</summary>
    internal void Schedule()
    {
        if (Interlocked.Exchange(ref _signal, 1) == 0) { Unflowed.Do(_post); }
    }

    /// <summary>Takes a message from a sender, or says that it must wait; the sender is scheduled again when there is room.</summary>
    internal bool TryReceive(EdgeQueue queue, in Item item)
    {
        var (place, only) = (0, (queue.Edge.Port, Item: item));
        return TryReceive(queue, new ReadOnlySpan<(int Port, Item Item)>(in only), ref place);
    }

    /// <summary>Takes messages of one port from their place on, under one lock, and moves the place past each that it took.</summary>
    /// <returns>False if the sender must wait with the next one.</returns>
    internal bool TryReceive(EdgeQueue queue, ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        var port = items[place].Port;
        Item queued = default;
        while (place < items.Length && items[place].Port == port)
        {
            bool idle;
            var admission = Admission.Taken;
            lock (Gate)
            {
                idle = queue.Count == 0;
                while (place < items.Length && items[place].Port == port)
                {
                    admission = Admit(queue, items[place].Item, ref queued);
                    if (admission != Admission.Taken) { break; }
                    place++;
                }
            }

            if (admission == Admission.Merge)
            {
                AddMerged(queue, queue.Merge(queued, items[place].Item));
                place++;        // not before: if the merge throws, the sender still has the message
                idle = true;
            }

            if (idle || queue.Edge.IsControl) { Schedule(); }
            queue.EndDropped();
            if (admission == Admission.Full) { return false; }
            if (admission == Admission.Ended) { EndTooLate(items[place++].Item); }
        }

        return true;
    }

    internal void SenderEnded(EdgeQueue queue)
    {
        lock (Gate) { queue.Ended = true; }
        Schedule();
    }

    /// <summary>Hears that a receiver has ended. When all have, such as the block that a control flow steers, the stage ends too.</summary>
    internal void ReceiverEnded()
    {
        if (Closed || Interlocked.Increment(ref _receiversEnded) < Targets.Sum(t => t.Count)) { return; }
        Volatile.Write(ref _retired, true);
        Guarded(Retire);
        Schedule();
    }

    /// <summary>Makes the next call, if there is one.</summary>
    /// <returns>False if there is nothing to do now.</returns>
    protected abstract bool TryStep();

    /// <summary>Counts the work that has not been counted yet: the turn or the stage ends.</summary>
    protected virtual void Pause() { }

    /// <summary>Gives back what the stage holds; the run has stopped, or the stage has ended.</summary>
    protected virtual void Release() { }

    /// <summary>Asks what is under way outside the pump to end: nobody listens any more.</summary>
    protected virtual void Retire() { }

    /// <summary>True while something outside the pump is under way that must end before the stage may stop.</summary>
    protected virtual bool Busy => false;

    /// <summary>The failure of this block.</summary>
    protected BlockFailedException Failure(Exception cause, long item) => new(Run.Pipeline.Name, Node.Name, item, cause);

    /// <summary>Takes a message of an input, and lets a waiting sender go on.</summary>
    protected bool TryTake((EdgeQueue Queue, Stage Sender) input, out Item item)
    {
        var queue = input.Queue;
        if (queue.TryTakeAhead(out item)) { return true; }
        bool wake;
        lock (Gate)
        {
            if (!queue.TryTakeRun(out item)) { return false; }
            wake = queue.SenderWaits && queue.Count * 2 <= queue.Edge.Options.CapacityMessages;
            if (wake) { queue.SenderWaits = false; }
        }

        if (wake) { input.Sender.Schedule(); }
        return true;
    }

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
        if (_closed) { return; }
        Close(stopped: false);
        foreach (var (_, sender) in Inputs) { sender.Schedule(); }      // one may wait for room in a block that ends before it
        foreach (var (queue, receiver) in Targets.SelectMany(t => t)) { receiver.SenderEnded(queue); }
        foreach (var (_, sender) in Inputs) { sender.ReceiverEnded(); }
        Run.StageEnded(Node);
    }

    private void Turn()
    {
        Interlocked.Exchange(ref _signal, 0);
        try
        {
            Stamp = Run.Timestamp;
            for (var i = 0; i < CallsPerTurn; i++)
            {
                if (_closed) { return; }
                if (Run.Stopping)
                {
                    if (!Busy) { Stop(); }
                    return;
                }

                if (!TryFlush())
                {
                    Pause();
                    return;
                }

                if (Volatile.Read(ref _retired) && !Busy)
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
            _closed = true;
            foreach (var (queue, _) in Inputs) { left.AddRange(queue.TakeAll(stopped ? null : "after-end")); }
        }

        Guarded(() => EdgeQueue.EndAll(left, processed: !stopped));
        while (_pendingIndex < _pending.Count) { Guarded(() => _pending[_pendingIndex++].Item.End(processed: false)); }
        _pending.Clear();
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

    /// <summary>Lets an edge into the stage take a message, under its lock.</summary>
    private Admission Admit(EdgeQueue queue, in Item item, ref Item queued)
    {
        if (_closed) { return Admission.Ended; }
        var admission = queue.Admit(item, ref queued);
        if (admission == Admission.Full) { queue.SenderWaits = true; }
        return admission;
    }

    /// <summary>Adds what was merged outside the lock. The stage may have ended meanwhile: it then ends what is left of the two.</summary>
    private void AddMerged(EdgeQueue queue, in Item merged)
    {
        bool closed;
        lock (Gate)
        {
            closed = _closed;
            if (!closed) { queue.AddMerged(merged); }
        }

        if (closed) { EndTooLate(merged); }
    }

    private void EndTooLate(in Item item)
    {
        if (!Run.Stopping) { Metrics.Dropped("after-end", 1, item.Rows); }
        item.End(processed: !Run.Stopping);
    }

    /// <summary>Gives a message to one target: itself to the last, a further handle to the others.</summary>
    private static bool TryGive(EdgeQueue queue, Stage receiver, in Item item, bool last)
    {
        if (last) { return receiver.TryReceive(queue, item); }
        var given = item.Retain();
        var taken = false;
        try
        {
            return taken = receiver.TryReceive(queue, given);
        }
        finally
        {
            if (!taken) { given.End(processed: true); }
        }
    }

    /// <summary>Moves pending outputs on, in order, each to every target of its port.</summary>
    private bool TryFlush()
    {
        while (_pendingIndex < _pending.Count)
        {
            ref readonly var output = ref CollectionsMarshal.AsSpan(_pending)[_pendingIndex];
            var targets = Targets[output.Port];
            if (targets.Count == 0)
            {
                output.Item.End(processed: true);
                _pendingIndex++;
                continue;
            }

            if (targets is [var only])
            {
                if (only.Receiver.TryReceive(only.Queue, CollectionsMarshal.AsSpan(_pending), ref _pendingIndex)) { continue; }
                if (_blockedSince == 0) { _blockedSince = Run.Timestamp; }
                return false;
            }

            while (_targetIndex < targets.Count)
            {
                var (queue, receiver) = targets[_targetIndex];
                var last = _targetIndex == targets.Count - 1;
                if (!TryGive(queue, receiver, output.Item, last))
                {
                    if (_blockedSince == 0) { _blockedSince = Run.Timestamp; }
                    return false;
                }

                _targetIndex++;
            }

            (_targetIndex, _pendingIndex) = (0, _pendingIndex + 1);
        }

        if (_blockedSince != 0)
        {
            Metrics.Waited(Run.Elapsed(_blockedSince, Run.Timestamp).Ticks);
            _blockedSince = 0;
        }

        _pending.Clear();
        _pendingIndex = 0;
        return true;
    }
}
