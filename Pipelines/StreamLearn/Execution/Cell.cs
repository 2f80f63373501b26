using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace StreamLearn;

internal enum CallKind
{
    Process,

    Control,

    WakeUp,

    Complete,
}

/// <summary>One operator in one run, for either host. It makes the calls and handles outputs, tokens and the error policy.</summary>
internal sealed class Cell : Ports, IDisposable
{
    /// <summary>Drop reason: received but not finished when the run stopped; queued ones are <c>stopped</c>.</summary>
    internal const string Unfinished = "unfinished";

    /// <summary>Maximum number of outputs gathered from quick calls before they are forwarded.</summary>
    internal const int MaxGathered = 8;

    private readonly Node _node;
    private Operator _operator;
    private readonly int _maxOutputs;
    private readonly DeclaredBatch _declared;
    private readonly long _maxBytes;
    private readonly bool _guards;
    private readonly long[] _emitted = new long[PortCount];
    private readonly ICallLog? _log;
    private (CallKind Kind, Edge? From, Item Item, int Attempt, DateTimeOffset At)? _putOff;
    private Token? _token;
    private Schema? _schema;            // columns of the last batch on the main output, as declared
    private bool _isTokenPassedOn;      // true if the first output has taken over the input's token
    private bool _calling;
    private long _calls;
    private long _bytes;
    private int _first;          // index of the first output of this call
    private long _gathered;

    internal Cell(
        Node node, OperatorContext context, BlockMetrics metrics, List<(int Port, Item Item)> outputs, long maxOutputBytes,
        ICallLog? log = null, ErrorPolicy? errors = null, DeclaredBatch? declared = null)
    {
        (_node, Context, Metrics, Outputs, _maxBytes, _log) = (node, context, metrics, outputs, maxOutputBytes, log);
        _maxOutputs = (node.Options as IBlockOptions)?.MaxOutputsPerCall ?? 1;
        _declared = declared ?? node.Declared;
        _schema = _declared.Schema;
        context.Errors = errors ?? node.Errors;
        _guards = context.Errors != ErrorPolicy.Fail;
        _operator = ((OperatorWork)node.Work).Create(context, this);
        Joining = _operator as IJoining;
    }

    /// <summary>Bytes of the outputs of one call plus those of the outputs gathered before it.</summary>
    internal static long MaxGatheredBytes(long maxOutputBytes) => maxOutputBytes + (maxOutputBytes / MaxGathered);

    internal Node Node => _node;

    internal OperatorContext Context { get; }

    internal BlockMetrics Metrics { get; }

    internal List<(int Port, Item Item)> Outputs { get; }

    /// <summary>True while another call may add outputs before they are forwarded.</summary>
    internal bool MayGather => Outputs.Count < MaxGathered && _gathered < _maxBytes / MaxGathered;

    /// <summary>True: retry at once, ignoring the policy's delay; for replays.</summary>
    internal bool RepeatsAtOnce { get; init; }

    /// <summary>Until <see cref="Repeat"/>; null: no retry.</summary>
    internal TimeSpan? RepeatAfter { get; private set; }

    internal bool Ready => _operator.Ready;

    internal IJoining? Joining { get; private set; }

    internal IBeginsAhead? Ahead => _operator as IBeginsAhead;

    internal bool AwaitingReplies => _operator.AwaitingReplies;

    /// <summary>Takes over the input and one token reference, unless the run fails or <see cref="RepeatAfter"/> asks for a retry.</summary>
    internal BlockFailedException? Call(CallKind kind, Edge? from, in Item item, DateTimeOffset now)
    {
        _calls++;
        if (_log is not null) { Log(kind, from, item, now); }
        Count(kind, item);
        Ownership.HandOver(item.Value, this);
        return Make(kind, from, item, now, attempt: 0);
    }

    /// <summary>Retries with the time of the first attempt, as a replay does.</summary>
    internal BlockFailedException? Repeat()
    {
        var (kind, from, item, attempt, at) = _putOff!.Value;
        (_putOff, RepeatAfter) = (null, null);
        return Make(kind, from, item, at, attempt);
    }

    internal IStateful? Stateful => _operator as IStateful;

    internal void State(ref StateStream s, SavedMessages messages, ImmutableArray<Edge> edges, DateTimeOffset now)
    {
        s.Value(ref _calls);
        s.Values<long>(_emitted);
        Context.State(ref s, now);
        if (s.Value(_putOff is { Item.Token: null }))
        {
            var (kind, edge, item, attempt, at) = _putOff ?? default;
            kind = (CallKind)s.Value((int)kind, 0, (int)CallKind.Process);
            var from = s.Value(edge?.Index ?? 0, 0, int.MaxValue);
            attempt = s.Value(attempt, 0, int.MaxValue);
            var ago = s.Value((now - at).Ticks);
            item = messages.State(ref s, _node.Input!, item);
            if (s.IsReading)
            {
                at = now - new TimeSpan(Math.Clamp(ago, 0, now.UtcTicks));
                Ownership.HandOver(item.Value, this);
                edge = from < edges.Length && edges[from].To == _node.Index ? edges[from]
                    : edges.First(e => e.To == _node.Index);     // the pipeline has changed
                (_putOff, RepeatAfter) = ((kind, edge, item, attempt, at), TimeSpan.Zero);       // the mailbox keeps the time
            }
        }

        Context.Now = now;      // durations of the operator start at this time
    }

    internal bool Reload(bool asRestart = false)
    {
        if (!asRestart && (_operator is not IStateful || HasInnerState(_node))) { return false; }
        var (hosts, own) = (new StateBuffer(), new StateBuffer());
        StateStream written = new(hosts);
        Context.State(ref written, Context.Now);
        written = new(own);
        (_operator as IStateful)?.State(ref written);
        Context.ForgetDrawn();      // restores random numbers drawn during creation
        var fresh = ((OperatorWork)_node.Work).Create(Context, this);
        Context.TakeWake();         // the saved wake-up replaces one requested during creation
        var inPlace = Context.ResumesInPlace;
        try
        {
            Context.ResumesInPlace = !asRestart;
            StateStream s = new(hosts.Written, Context.Pool);
            Context.State(ref s, Context.Now);
            s = new(own.Written, Context.Pool);
            var format = (fresh as IStateful)?.StateFormat;
            (fresh as IStateful)?.State(ref s);
            if (!s.HasEnded) { throw new StateException($"expected {format} to end, got more"); }
        }
        catch
        {
            (fresh as IDisposable)?.Dispose();
            throw;
        }
        finally { Context.ResumesInPlace = inPlace; }

        (_operator as IDisposable)?.Dispose();
        (_operator, Joining) = (fresh, fresh as IJoining);
        return true;
    }

    private static bool HasInnerState(Node node) => node.Options is PerKeyOptions { Inner: { } inner }
        && inner.Nodes.Any(static n => n.Work is OperatorWork { Operator: var type } && !type.IsAssignableTo(typeof(IStateful)));

    /// <summary>Counts and ends a message that waits for a retry.</summary>
    public void Dispose()
    {
        ref var calling = ref CallingHere;
        var outer = calling;
        calling = this;
        try
        {
            if (_putOff is var (_, _, item, _, _))
            {
                Metrics.Dropped(Unfinished, 1, item.Rows);
                item.End(processed: false);
            }

            (_putOff, RepeatAfter) = (null, null);
        }
        finally
        {
            try { (_operator as IDisposable)?.Dispose(); }
            finally { calling = outer; }
        }
    }

    internal bool HasSpace(long bytes)
    {
        var count = Outputs.Count - _first;
        return count < _maxOutputs && (count == 0 || _bytes + bytes <= _maxBytes);
    }

    internal override void Emit(int port, object item)
    {
        Ownership.PassOn(item, this);
        if (!_calling) { Refuse(item, "emitted outside a call"); }
        var made = Item.Of(item, _token, _emitted[port], _emitted[port]);
        if (Outputs.Count - _first >= _maxOutputs)
        {
            Refuse(item,
                $"one call emitted more than the {_maxOutputs} message{(_maxOutputs == 1 ? "" : "s")} it declares (MaxOutputsPerCall)");
        }

        if (_bytes + made.Bytes > _maxBytes && Outputs.Count > _first)
        {
            Refuse(item,
                $"one call emitted more than the {Sizes.Text(_maxBytes)} that the edge after it can hold: raise it with Buffer, or emit "
                    + "smaller batches");
        }

        if (port == 0 && item is Batch batch && (batch.Rows > _declared.MaxRows || !ReferenceEquals(batch.Schema, _schema)))
        {
            RequireDeclared(batch);
        }

        _bytes += made.Bytes;
        if (_token is not null && !_isTokenPassedOn) { _isTokenPassedOn = true; }
        else { _token?.Retain(); }
        _emitted[port]++;
        Outputs.Add((port, made));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]      // an extra call per message costs 2 % of a hop
    private BlockFailedException? Make(CallKind kind, Edge? from, in Item item, DateTimeOffset now, int attempt)
    {
        _first = Outputs.Count;
        if (_first == 0) { _gathered = 0; }
        _token = kind == CallKind.Control ? null : item.Token;      // a control message has ended when its call returns
        _isTokenPassedOn = false;
        Context.Begin(now);
        var failure = !_guards || kind is CallKind.WakeUp or CallKind.Complete
            ? Attempt(kind, from, item.Value)
            : Guarded(kind, from, item, attempt);
        _token = null;
        if (RepeatAfter is not null) { return null; }
        if (failure is not null)
        {
            item.Token?.Release(processed: false);
            return new(Context.Pipeline, _node.Name, _calls, (failure as InnerFailure)?.InnerException ?? failure);
        }

        for (var i = _first; i < Outputs.Count; i++)
        {
            if (Outputs[i].Port != DeadLetters) { Metrics.Gave(Outputs[i].Item.Rows); }      // a dead letter is counted as dropped
        }

        _gathered += _bytes;
        if (!_isTokenPassedOn) { item.Token?.Release(processed: true); }
        return null;
    }

    private void RequireDeclared(Batch batch)
    {
        if (batch.Rows > _declared.MaxRows)
        {
            Refuse(batch, $"emitted a batch of {batch.Rows} rows, more than the {_declared.MaxRows} that its options declare "
                + "(IBlockOptions.MaxRows)");
        }

        if (_declared.Schema is { } columns && !columns.Equals(batch.Schema))
        {
            Refuse(batch, $"emitted columns {batch.Schema}, its options declare {columns} (IBlockOptions.Output)");
        }

        _schema = batch.Schema;
    }

    private static void Refuse(object item, string why)
    {
        Ownership.End(item);
        throw new InvalidOperationException(why);
    }

    /// <summary>Records the call before its effects are visible. If recording fails, the message ends and the run fails.</summary>
    private void Log(CallKind kind, Edge? from, in Item item, DateTimeOffset now)
    {
        try { _log!.Call(_node, kind, from, item.First, item.Last, now); }
        catch
        {
            item.End(processed: false);      // recording failed, such as on a full disk: the message was not processed
            throw;
        }
    }

    private void Count(CallKind kind, in Item item)
    {
        if (kind == CallKind.Process) { Metrics.Took(item.Rows); }
        else if (kind == CallKind.Control) { Metrics.Controlled(); }
    }

    /// <summary>Keeps a handle on the input for a retry, drop or dead letter.</summary>
    private Exception? Guarded(CallKind kind, Edge? from, in Item item, int attempt)
    {
        ref var calling = ref CallingHere;
        var outer = calling;
        calling = this;         // outputs belong to this block even while another block calls it
        try { return Retried(kind, from, item, attempt); }
        finally { calling = outer; }
    }

    private Exception? Retried(CallKind kind, Edge? from, in Item item, int attempt)
    {
        var kept = item.Value as IOwned;
        for (; ; attempt++)
        {
            var given = kept?.Retain() ?? item.Value;
            if (Attempt(kind, from, given) is not { } failure)
            {
                kept?.Dispose();
                return null;
            }

            if (failure is InnerFailure)
            {
                kept?.Dispose();
                return failure;
            }

            if (Context.Errors.Repeats(failure, attempt))
            {
                Metrics.Add("retries", 1);
                var delay = Context.Errors.DelayBefore(attempt);
                if (delay == TimeSpan.Zero || RepeatsAtOnce) { continue; }
                (_putOff, RepeatAfter) = ((kind, from, item, attempt + 1, Context.Now), delay);
                return null;
            }

            switch (Context.Errors.Action)
            {
                case ErrorAction.Skip:
                    Context.Drop(item.Value, "error");
                    return null;
                case ErrorAction.DeadLetter:
                    Metrics.Dropped("dead-letter", 1, item.Rows);
                    _calling = true;
                    Emit(DeadLetters, new DeadLetter(_node.Name, failure.Message, Context.Now, item.Value));
                    _calling = false;
                    return null;
                default:
                    kept?.Dispose();
                    return failure;
            }
        }
    }

    /// <summary>Makes the call; if it throws, discards its outputs and closes the input.</summary>
    private Exception? Attempt(CallKind kind, Edge? from, object value)
    {
        (_calling, _bytes) = (true, 0);
        ref var calling = ref CallingHere;
        var outer = calling;
        calling = this;
        try
        {
            switch (kind)
            {
                case CallKind.Process when from is { IsSecond: true }: ((IJoining)_operator).ProcessSecondItem(value); break;
                case CallKind.Process: _operator.ProcessItem(value); break;
                case CallKind.Control: from!.Control!(_operator, value); break;
                case CallKind.WakeUp: _operator.WakeUp(); break;
                case CallKind.Complete when from is not null: ((IJoining)_operator).EndInput(from.IsSecond); break;
                default: _operator.Complete(); break;
            }

            return null;
        }
        catch (Exception e)
        {
            if (!(e is OperationCanceledException && Context.Cancellation.IsCancellationRequested)) { Metrics.Threw(); }
            Discard();
            Ownership.TakeBack(value, this);
            return e;
        }
        finally
        {
            _calling = false;
            calling = outer;
        }
    }

    private void Discard()
    {
        for (var i = _first; i < Outputs.Count; i++)
        {
            var (port, item) = Outputs[i];
            _emitted[port]--;
            if (_isTokenPassedOn) { item = item with { Token = null }; }      // the first output returns the token to the input
            _isTokenPassedOn = false;
            item.End(processed: true);
        }

        Outputs.RemoveRange(_first, Outputs.Count - _first);
        _bytes = 0;
    }
}
