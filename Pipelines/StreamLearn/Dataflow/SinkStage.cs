namespace StreamLearn;

/// <summary>A publication, a foreign block, an output's reader: asynchronous work on a window of messages, begun and ended in
/// order.</summary>
/// <remarks>After a failed or abandoned message no other starts; later ones end unprocessed.</remarks>
internal abstract class SinkStage : Stage
{
    private readonly Queue<Item> _restored = [];     // messages that were in progress when the state was saved
    private readonly Place?[] _window;      // only the pump creates entries, because two threads would create two
    private int _next;
    private long _begun;         // used by the pump only
    private long _ended;         // used by the thread that ends messages
    private long _bytes;         // bytes of all messages in progress
    private int _overs;          // number of finished works not handled yet; the thread that sets it to 1 ends messages
    private bool _broken;        // some work has failed
    private bool _cut;           // used by the thread that ends messages: true if the previous message was not processed

    protected SinkStage(PipelineRun run, Node node, int window = 1)
        : base(run, node) => _window = new Place?[window];

    protected override bool Busy => Volatile.Read(ref _ended) != _begun;

    internal override string HostFormat => RemovedBlock.Sink;

    /// <summary>Saves or restores the messages in progress, which count as queued, and those to be repeated.</summary>
    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        if (s.IsReading)
        {
            Restore(ref s, messages, Metrics);
            Restore(ref s, messages, null);
            return;
        }

        SaveOpen(ref s, messages);
        s.Value(_restored.Count);
        var left = 0L;
        foreach (var item in _restored) { left += item.Rows; }
        s.Value(left);
        foreach (var item in _restored) { messages.State(ref s, Node.Input!, item); }
    }

    private void SaveOpen(ref StateStream s, SavedMessages messages)
    {
        HoldEnds();
        try
        {
            s.Value(OpenPlaces);
            var rows = 0L;
            for (var i = FirstPlace; i < LastPlace; i++) { rows += OpenAt(i)?.Item.Rows ?? 0; }
            s.Value(rows);
            for (var i = FirstPlace; i < LastPlace; i++)
            {
                if (OpenAt(i) is { } place) { messages.State(ref s, Node.Input!, place.Item with { Value = ValueOf(place) }); }
            }
        }
        finally { EndOver(); }
    }

    private void Restore(ref StateStream s, SavedMessages messages, BlockMetrics? takenAgain)
    {
        var (count, _) = Fanout.Head(ref s);
        for (; count > 0; count--)
        {
            var item = messages.State(ref s, Node.Input!, default);
            _restored.Enqueue(item);
            takenAgain?.TakesAgain(item.Rows);
        }
    }

    private protected virtual object ValueOf(Place place) => place.Item.Value;

    /// <summary>Until <see cref="EndOver"/>, the set of open messages is fixed although their work continues.</summary>
    private protected void HoldEnds()
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _overs, 1, 0) != 0) { wait.SpinOnce(); }
        for (var i = _ended; i < _begun; i++) { PlaceOf(i).Look(); }
    }

    private protected long FirstPlace => _ended;

    private protected long LastPlace => _begun;

    private protected int OpenPlaces
    {
        get
        {
            var count = 0;
            for (var i = _ended; i < _begun; i++) { count += OpenAt(i) is null ? 0 : 1; }
            return count;
        }
    }

    private protected Place? OpenAt(long number) => PlaceOf(number) is { IsOpen: true } place ? place : null;

    private protected Place PlaceOf(long number) => _window[number % _window.Length]!;

    protected override bool TryStep()
    {
        if (!HasPlace) { return false; }
        if (_restored.TryDequeue(out var restored))
        {
            Begin(Inputs[0].Queue, restored);
            return true;
        }

        if (TryTakeNext(out var queue, out var item))
        {
            Begin(queue, item);
            return true;
        }

        if (!Busy && HaveInputsEnded) { InputEnded(); }
        return false;
    }

    private protected bool HaveInputsEnded => Inputs.TrueForAll(static i => i.HasEnded);

    private protected bool TryTakeNext(out EdgeQueue queue, out Item item)
    {
        for (var i = 0; i < Inputs.Count; i++)
        {
            var input = Inputs[_next];
            _next = _next + 1 == Inputs.Count ? 0 : _next + 1;
            if (!(Busy ? input.TryTakeIfRoom(Interlocked.Read(ref _bytes), out item) : input.TryTake(out item))) { continue; }
            queue = input.Queue;
            return true;
        }

        (queue, item) = (null!, default);
        return false;
    }

    /// <summary>Completes when the message is delivered. <see cref="Owns"/> then returns who owns it.</summary>
    protected abstract ValueTask HandleAsync(Place place);

    protected abstract bool Owns(bool processed);

    protected virtual void InputEnded() => End();

    /// <summary>Called before the entry is reused. <paramref name="processed"/>: true if its work and all before it succeeded.</summary>
    protected virtual void Ended(Place place, bool processed) { }

    private protected bool HasPlace => _begun - Volatile.Read(ref _ended) < _window.Length && !Volatile.Read(ref _broken);

    /// <summary><paramref name="isLogged"/>: true if the message was already logged when it was encoded.</summary>
    private protected void Begin(EdgeQueue queue, in Item item, bool isLogged = false)
    {
        Metrics.Took(item.Rows);
        ref var place = ref _window[_begun % _window.Length];
        place ??= new(Over);
        place.Begin(item, Metrics.ItemsIn);
        ValueTask work;
        try
        {
            if (!isLogged) { LogCall(queue, item); }
            work = HandleAsync(place);
        }
        catch (Exception e) { work = ValueTask.FromException(e); }

        if (work.IsCompletedSuccessfully && !Busy)
        {
            work.GetAwaiter().GetResult();
            Finish(place, processed: true);
            return;
        }

        _begun++;
        Interlocked.Add(ref _bytes, place.Bytes);
        place.Await(work);
    }

    private protected void LogCall(EdgeQueue queue, in Item item) =>
        Run.Log?.Call(Node, CallKind.Process, queue.Edge, item.First, item.Last, Run.TimeAt(Run.Timestamp));

    private void Over(Place place)
    {
        try
        {
            place.Take();
            place.Processed = true;
        }
        catch (OperationCanceledException) when (Run.Stopping) { }
        catch (Exception e)
        {
            place.Failure = e;
            Volatile.Write(ref _broken, true);
        }

        place.IsOver = true;
        if (Interlocked.Increment(ref _overs) == 1) { EndOver(); }      // otherwise another thread ends messages and checks again
    }

    private protected void EndOver()
    {
        for (var seen = 1; seen > 0; seen = Interlocked.Add(ref _overs, -seen)) { EndFirst(); }
        Schedule();
    }

    private void EndFirst()
    {
        while (_window[_ended % _window.Length] is { IsOver: true } place)
        {
            if (place.Failure is { } failure) { Run.Fail(Failure(failure, place.Number)); }
            _cut |= !place.Processed;
            Interlocked.Add(ref _bytes, -place.Bytes);
            Finish(place, processed: !_cut);
            Volatile.Write(ref _ended, _ended + 1);
        }
    }

    private protected void EndRestored()
    {
        while (_restored.TryDequeue(out var item)) { item.End(processed: false); }
    }

    /// <summary>If the message cannot be released, the run fails, because it could not end otherwise.</summary>
    private void Finish(Place place, bool processed)
    {
        try
        {
            if (Owns(processed)) { place.Item.End(processed); }
            else { place.Item.Token?.Release(processed); }
        }
        catch (Exception e) { Run.Fail(Failure(e, place.Number)); }

        Ended(place, processed);
        place.Clear();
    }
}
