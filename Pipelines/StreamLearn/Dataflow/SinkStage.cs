namespace StreamLearn;

/// <summary>A block whose work on a message is asynchronous: a publication, a foreign block, the program that reads an output. It works on
/// as many messages at once as its window allows: they begin in order and end in order, whichever work is over first.</summary>
/// <remarks>When the work on a message fails or is given up, no other begins, and what came after it ends unprocessed.</remarks>
internal abstract class SinkStage : Stage
{
    private readonly Queue<Item> _restored = [];     // were in the work as the state was saved
    private readonly Place?[] _window;      // the pump alone makes places: two threads would make two
    private int _next;
    private long _begun;         // the pump's
    private long _ended;         // of whoever ends messages
    private long _bytes;         // of all that are in the work
    private int _overs;          // works that are over and not yet looked at; who makes it 1 ends messages
    private bool _broken;        // some work failed
    private bool _cut;           // of whoever ends messages: the message before was not processed

    protected SinkStage(PipelineRun run, Node node, int window = 1)
        : base(run, node) => _window = new Place?[window];

    protected override bool Busy => Volatile.Read(ref _ended) != _begun;

    public override string HostFormat => LeftBlock.Sink;

    /// <summary>The messages in the work, which count as still queued, and those that were to be done again.</summary>
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
        finally
        {
            EndOver();
        }
    }

    /// <summary>Reads messages that are to be worked on; those that were in the work are counted as taken again.</summary>
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

    /// <summary>A message in the work, as it can still be read.</summary>
    private protected virtual object ValueOf(Place place) => place.Item.Value;

    /// <summary>Keeps messages from ending until <see cref="EndOver"/>: the window stands still while the stage has its turn, and which
    /// messages are open is found out once, though the work on them goes on.</summary>
    private protected void HoldEnds()
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _overs, 1, 0) != 0) { wait.SpinOnce(); }
        for (var i = _ended; i < _begun; i++) { PlaceOf(i).Look(); }
    }

    /// <summary>The first message in the work.</summary>
    private protected long FirstPlace => _ended;

    /// <summary>The first one that is not begun.</summary>
    private protected long LastPlace => _begun;

    /// <summary>The messages in the work that have no token: a checkpoint must hold them.</summary>
    private protected int OpenPlaces
    {
        get
        {
            var count = 0;
            for (var i = _ended; i < _begun; i++) { count += OpenAt(i) is null ? 0 : 1; }
            return count;
        }
    }

    /// <summary>The place of a message in the work, if a checkpoint must hold it.</summary>
    private protected Place? OpenAt(long number) => PlaceOf(number) is { IsOpen: true } place ? place : null;

    /// <summary>The place of a message in the work.</summary>
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

    /// <summary>Takes the next message, from the inputs in turn, if it and those in the work are within the byte bound.</summary>
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

    /// <summary>Hands a message on; done when it is where it should be. <see cref="Owns"/> says whose the message then is.</summary>
    protected abstract ValueTask HandleAsync(Place place);

    /// <summary>True if the message is the stage's when its work has ended.</summary>
    protected abstract bool Owns(bool processed);

    /// <summary>There is no more input.</summary>
    protected virtual void InputEnded() => End();

    /// <summary>A message has ended; its place is about to be used again. <paramref name="processed"/>: true if its work succeeded, and
    /// that of all before it.</summary>
    protected virtual void Ended(Place place, bool processed) { }

    /// <summary>True while the work on a further message may begin.</summary>
    private protected bool HasPlace => _begun - Volatile.Read(ref _ended) < _window.Length && !Volatile.Read(ref _broken);

    private protected void Begin(EdgeQueue queue, in Item item)
    {
        Metrics.Took(item.Rows);
        ref var place = ref _window[_begun % _window.Length];
        place ??= new(Over);
        place.Begin(item, Metrics.ItemsIn);
        ValueTask work;
        try
        {
            Run.Log?.Call(Node, CallKind.Process, queue.Edge, item.First, item.Last, Run.TimeAt(Run.Timestamp));
            work = HandleAsync(place);
        }
        catch (Exception e)
        {
            work = ValueTask.FromException(e);
        }

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

    private void Over(Place place)
    {
        try
        {
            place.Take();
            place.Processed = true;
        }
        catch (OperationCanceledException) when (Run.Stopping)
        {
            // The run has stopped: the message was not handed on.
        }
        catch (Exception e)
        {
            place.Failure = e;
            Volatile.Write(ref _broken, true);
        }

        place.IsOver = true;
        if (Interlocked.Increment(ref _overs) == 1) { EndOver(); }      // else another thread ends messages and looks again
    }

    /// <summary>Ends the messages whose work is over.</summary>
    private protected void EndOver()
    {
        for (var seen = 1; seen > 0; seen = Interlocked.Add(ref _overs, -seen)) { EndFirst(); }
        Schedule();
    }

    /// <summary>Ends the messages whose work is over, up to the first whose work is not.</summary>
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

    /// <summary>Ends what was restored and not begun.</summary>
    private protected void EndRestored()
    {
        while (_restored.TryDequeue(out var item)) { item.End(processed: false); }
    }

    /// <summary>Ends the work on a message. If it cannot be given back, such as one that a codec disposed, the run fails.</summary>
    /// <remarks>The stage is never left at work: the run would not end.</remarks>
    private void Finish(Place place, bool processed)
    {
        try
        {
            if (Owns(processed)) { place.Item.End(processed); }
            else { place.Item.Token?.Release(processed); }
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, place.Number));
        }

        Ended(place, processed);
        place.Clear();
    }
}
