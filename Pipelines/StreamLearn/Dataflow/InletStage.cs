using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>Accepts messages from outside, one at a time; each waits until the previous one has space.</summary>
/// <remarks>The adder's thread forwards a message itself when none is queued and the pump is idle.</remarks>
internal sealed class InletStage : Stage
{
    private readonly Func<InletStage, CancellationToken, Task>? _read;
    private readonly CancellationTokenSource _ending;
    private readonly bool _merges;      // true: adding a message could run user code
    private WaitingMessage? _first;      // calls waiting for space, in order; changed under the lock, but read without it
    private WaitingMessage? _last;
    private WaitingMessage? _spare;
    private bool _ended;
    private long _number;
    private bool _reading;

    internal InletStage(PipelineRun run, Node node, Func<InletStage, CancellationToken, Task>? read, CancellationTokenSource ending)
        : base(run, node)
    {
        (_read, _reading, _ending) = (read, read is not null, ending);
        _merges = run.Pipeline.Edges.Any(e => e.From == node.Index && e.Options.Merge is not null);
    }

    internal override string HostFormat => Subscription is null ? "inlet/1" : "subscription/2";

    internal Subscription? Subscription { get; init; }

    internal long Given => _number;

    protected override bool Busy => Volatile.Read(ref _reading);

    private protected override bool HasDue => Busy && Node.Work is not (SubscribeWork or ConnectionsWork);

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        s.Value(ref _number);
        Subscription?.State(ref s, _number);
        if (s.IsReading && Node.Kind == NodeKind.Sequence) { SourceState.Restart(_number, Metrics); }
    }

    /// <summary>Cancels a subscription that had ended before the checkpoint. Messages that still arrive are acknowledged.</summary>
    internal void Subscribe()
    {
        if (Subscription is null) { return; }
        if (HadEnded) { _ending.Cancel(); }
        Subscription.Subscribe();
    }

    internal void Open()
    {
        if (_read is null) { return; }
        if (HadEnded && Subscription is null) { Volatile.Write(ref _reading, false); }
        else { _ = Task.Run(ReadAsync); }
    }

    /// <summary>For a message that its owner has passed on; waits for space.</summary>
    /// <exception cref="SchemaException">The message's columns differ from those declared; the caller still owns the message.</exception>
    internal ValueTask<bool> AddAsync(object value, Token? token, CancellationToken cancellationToken)
    {
        if (Node.Refusal(value) is { } refusal) { return ValueTask.FromException<bool>(refusal); }
        if (Volatile.Read(ref _ended)) { return new(false); }
        var item = Item.Of(value, token, 0, 0);
        if (cancellationToken.IsCancellationRequested) { return ValueTask.FromCanceled<bool>(cancellationToken); }
        return Volatile.Read(ref _first) is null && TryPassOn(item) ? new(true) : WaitAsync(item, cancellationToken);
    }

    /// <summary>The stage ends only after all queued messages.</summary>
    private ValueTask<bool> WaitAsync(in Item item, CancellationToken cancellationToken)
    {
        var waiting = Interlocked.Exchange(ref _spare, null) ?? new(this);
        lock (Gate)
        {
            if (Closed || Run.Stopping) { return new(false); }
            waiting.Item = item;
            if (_first is null) { Volatile.Write(ref _first, waiting); }
            else { _last!.Next = waiting; }
            _last = waiting;
        }

        Schedule();
        return waiting.DoneAsync(cancellationToken);
    }

    internal bool TryLeave(WaitingMessage waiting)
    {
        lock (Gate)
        {
            WaitingMessage? before = null;
            for (var at = _first; at is not null; (before, at) = (at, at.Next))
            {
                if (at != waiting) { continue; }
                if (before is null) { Volatile.Write(ref _first, at.Next); }
                else { before.Next = at.Next; }
                if (_last == at) { _last = before; }
                return true;
            }
        }

        return false;
    }

    internal void Spare(WaitingMessage waiting) => Volatile.Write(ref _spare, waiting);

    /// <summary>Adds a message that the host has read. If the stage or the run ends first, disposes it and refuses its token.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> TryAddAsync(object value, Token? token)
    {
        var (passed, added) = (false, false);
        try
        {
            Ownership.PassOn(value);
            passed = true;
            added = await AddAsync(value, token, Run.Stopped).ConfigureAwait(false);
        }
        catch (OperationCanceledException) { }
        finally
        {
            if (!added) { new Item(passed ? value : null!, token, 0, 0, 0, 0).End(processed: false); }
        }

        return added;
    }

    internal void Complete()
    {
        lock (Gate) { _ended = true; }
        Schedule();
    }

    /// <summary>Forwards a message at once. Not on merging edges: merge code must run on the pump, without the caller's context.</summary>
    private bool TryPassOn(in Item item)
    {
        if (_merges || !TryBeginTurn()) { return false; }
        try
        {
            if (Closed || Run.Stopping || Volatile.Read(ref _first) is not null || !Out.IsEmpty) { return false; }
            Give(item);
            Out.TryFlush();
        }
        catch (Exception e) { Run.Fail(Failure(e, _number)); }
        finally { EndTurn(); }

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
        if (Run.Draining && _read is null)
        {
            End();
            return false;
        }

        var ended = Volatile.Read(ref _ended);      // read before the queue, because messages may arrive until the end
        if (TakeFirst() is not { } waiting)
        {
            if (ended) { End(); }
            return false;
        }

        Give(waiting.Item);
        waiting.End(added: true);
        return true;
    }

    protected override void Release()
    {
        lock (Gate) { _ended = true; }
        while (TakeFirst() is { } waiting) { waiting.End(added: false); }
    }

    private WaitingMessage? TakeFirst()
    {
        lock (Gate)
        {
            var first = _first;
            if (first is not null) { Volatile.Write(ref _first, first.Next); }
            return first;
        }
    }

    private async Task ReadAsync()
    {
        try { await _read!(this, _ending.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested) { }
        catch (Exception e) { Run.Fail(Failure(e, _number + 1)); }
        finally
        {
            Volatile.Write(ref _reading, false);
            Complete();
        }
    }
}
