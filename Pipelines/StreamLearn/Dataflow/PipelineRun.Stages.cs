namespace StreamLearn;

public sealed partial class PipelineRun
{
    internal void Open(List<Stage> stages)
    {
        (_stages, _alive, _aliveAwaited) = (stages, stages.Count, stages.Count(s => _awaited[s.Node.Index]));
        Instruments.Add(Metrics);
        Checkpoints?.Open();
        foreach (var stage in stages) { stage.Schedule(); }
        foreach (var inlet in stages.OfType<InletStage>()) { inlet.Open(); }
    }

    internal void StageEnded(Node node)
    {
        if (_awaited[node.Index] && Interlocked.Decrement(ref _aliveAwaited) == 0)
        {
            _ = _othersEnd.CancelAsync();           // this runs callbacks of transports
        }

        if (Interlocked.Decrement(ref _alive) > 0) { return; }
        Instruments.Remove(Metrics);
        _canceled.Unregister();
        Volatile.Read(ref _steering)?.Dispose();
        var isComplete = _failure is null && !Stopping;
        if (Checkpoints is null) { End(isComplete); }
        else { _ = EndAsync(isComplete); }
    }

    private async Task EndAsync(bool isComplete)
    {
        try
        {
            await Checkpoints!.EndAsync(isComplete).ConfigureAwait(false);
            foreach (var inlet in _stages.OfType<InletStage>()) { inlet.Subscription?.EndAll(inlet.Given, isComplete); }
        }
        catch (Exception e) { Interlocked.CompareExchange(ref _failure, new(Pipeline.Name, "checkpoint", 0, e), null); }

        End(isComplete);
    }

    private void End(bool isComplete)
    {
        Activity?.End(_failure);
        if (_failure is not null) { _completion.SetException(_failure); }
        else if (!isComplete) { _completion.SetCanceled(_cancellation.IsCancellationRequested ? _cancellation : _stop.Token); }
        else { _completion.SetResult(); }
    }

    internal bool Resumes => _options.StartFrom is not null;

    internal OperatorContext ContextFor(Node node, BlockMetrics metrics, bool beginsNow = false)
    {
        var context = new OperatorContext(Pipeline.Name, node.Name, Seed, Pool, metrics, Stopped)
        {
            Levels = Levels,
            Columns = node.Schema,
            LostCheckpoints = Checkpoints?.Lost ?? 0,
        };
        context.Begin(beginsNow ? _startTime : Began);
        return context;
    }

    /// <summary>Stops every block between two calls until <see cref="Resume"/>. The last one to stop schedules the checkpoint.</summary>
    internal void Pause()
    {
        Volatile.Write(ref _unpaused, _stages.Count);
        Volatile.Write(ref _pausing, true);
        foreach (var stage in _stages) { stage.Schedule(); }
    }

    internal void Resume()
    {
        Volatile.Write(ref _pausing, false);
        foreach (var stage in _stages) { stage.Resume(); }
    }

    /// <summary>Keeps a stage's turn while the run is paused; returns false if it is not.</summary>
    internal bool TryHold()
    {
        if (!IsPausing) { return false; }
        if (Interlocked.Decrement(ref _unpaused) == 0) { ThreadPool.UnsafeQueueUserWorkItem(Checkpoints!, preferLocal: false); }
        return true;
    }

    /// <summary>Refuses calls from within a block, because the block would wait for itself.</summary>
    private RunCheckpoints KeptFor(string method)
    {
        if (Checkpoints is not { } kept)
        {
            throw new InvalidOperationException("the run keeps no checkpoints: start it with RunOptions.Checkpoints");
        }

        return Stage.RunHere != this ? kept : throw new InvalidOperationException(
            "a checkpoint waits until no block is in a call, so a call that waits for it would wait forever: call it outside of the "
                + $"blocks, or here by Task.Run(run.{method}) without waiting");
    }

    internal void Release()
    {
        foreach (var stage in _stages)
        {
            if (stage is InletStage { Subscription: { } subscription }) { subscription.AcknowledgeSaved(); }
            else if (stage is PublishStage publication) { publication.ReleaseSaved(); }
        }
    }

    /// <summary>Shortens a time so that it does not precede the start of the calendar.</summary>
    private TimeSpan Shortened(TimeSpan time) => time < _startTime - DateTimeOffset.MinValue ? time : TimeSpan.Zero;

    internal DateTimeOffset TimeAt(long stamp) => _startTime + Elapsed(_startStamp, stamp);
    internal TimeSpan Elapsed(long from, long to) => new((long)((to - from) * _ticksPerStamp));

    internal ITimer CreateTimer(Action action)
    {
        ITimer? timer = null;
        SuppressedContext.Do(() => timer = _options.TimeProvider.CreateTimer(
            static a => ((Action)a!)(), action, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        return timer!;
    }

    internal Task DelayAsync(TimeSpan delay) => Task.Delay(delay, _options.TimeProvider, Stopped);

    /// <summary>Rounds up so that the timer is never early; at most one day, as timers support. Callers check the clock again.</summary>
    internal static void Set(ITimer timer, TimeSpan due)
    {
        var wait = due <= TimeSpan.Zero ? TimeSpan.Zero : due >= LongestWait ? LongestWait : due + TimeSpan.FromMilliseconds(1);
        timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    internal void Abandon(List<Stage> stages)
    {
        _canceled.Unregister();
        Stop();
        if (stages.Count > 0) { Open(stages); }
        Checkpoints?.Dispose();     // disposed now, because the caller may retry with other options
    }

    private void BeginToEnd()
    {
        if (Completion.IsCompleted || Draining) { return; }
        var steering = CreateTimer(() =>
        {
            Volatile.Write(ref _steeringOver, true);
            foreach (var stage in _stages) { stage.Schedule(); }
        });
        if (Interlocked.CompareExchange(ref _steering, steering, null) is null) { Set(steering, SteeredFor); }
        else { steering.Dispose(); }
    }
}
