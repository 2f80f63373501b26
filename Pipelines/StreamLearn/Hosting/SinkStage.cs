namespace StreamLearn;

/// <summary>A block whose work on a message is asynchronous: a publication, a foreign block, the program that reads an output. One
/// message at a time.</summary>
internal abstract class SinkStage(PipelineRun run, Node node) : Stage(run, node)
{
    private bool _working;
    private int _next;

    protected override bool Busy => Volatile.Read(ref _working);

    protected override bool TryStep()
    {
        if (Busy) { return false; }
        for (var i = 0; i < Inputs.Count; i++)
        {
            var input = Inputs[_next];
            _next = _next + 1 == Inputs.Count ? 0 : _next + 1;
            if (TryTake(input, out var item))
            {
                Start(input.Queue, item);
                return true;
            }
        }

        lock (Gate)
        {
            if (!Inputs.TrueForAll(i => i.Queue is { Ended: true, Count: 0 })) { return false; }
        }

        InputEnded();
        return false;
    }

    /// <summary>Hands a message on; done when it is where it should be. <see cref="Owns"/> says whose the message then is.</summary>
    protected abstract ValueTask HandleAsync(Item item);

    /// <summary>True if the message is the stage's when its work has ended.</summary>
    /// <param name="processed">True if the work succeeded.</param>
    protected abstract bool Owns(bool processed);

    /// <summary>There is no more input.</summary>
    protected virtual void InputEnded() => End();

    private void Start(EdgeQueue queue, in Item item)
    {
        Metrics.Took(item.Rows);
        Volatile.Write(ref _working, true);
        ValueTask work;
        try
        {
            Run.Log?.Call(Node, CallKind.Process, queue.Edge, item.First, item.Last, Run.TimeAt(Run.Timestamp));
            work = HandleAsync(item);
        }
        catch (Exception e)
        {
            work = ValueTask.FromException(e);
        }

        if (work.IsCompletedSuccessfully)
        {
            work.GetAwaiter().GetResult();
            Done(item, processed: true);
            return;
        }

        _ = FinishAsync(work, item);
    }

    private async Task FinishAsync(ValueTask work, Item item)
    {
        var processed = false;
        try
        {
            await work.ConfigureAwait(false);
            processed = true;
        }
        catch (OperationCanceledException) when (Run.Stopping)
        {
            // The run has stopped: the message was not handed on.
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, Metrics.ItemsIn));
        }

        Done(item, processed);
        Schedule();
    }

    /// <summary>Ends the work on a message. If it cannot be given back, such as one that a codec disposed, the run fails.</summary>
    /// <remarks>The stage is never left at work: the run would not end.</remarks>
    private void Done(in Item item, bool processed)
    {
        try
        {
            if (Owns(processed)) { item.End(processed); }
            else { item.Token?.Release(processed); }
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, Metrics.ItemsIn));
        }

        Volatile.Write(ref _working, false);
    }
}
