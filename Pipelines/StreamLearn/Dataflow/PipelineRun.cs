using System.Collections.Immutable;
using System.Diagnostics;

namespace StreamLearn;

/// <summary>A pipeline that runs in the dataflow host.</summary>
public sealed class PipelineRun : IAsyncDisposable
{
    /// <summary>How long a run that is drained waits for what only steers its blocks, such as answers.</summary>
    internal static readonly TimeSpan SteeredFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly RunOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _sourcesEnd;
    private readonly CancellationTokenSource _othersEnd;
    private readonly bool[] _awaited;
    private readonly CancellationTokenRegistration _canceled;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _cancellation;
    private readonly DateTimeOffset _startTime;
    private readonly long _startStamp;
    private readonly double _ticksPerStamp;
    private List<Stage> _stages = [];
    private BlockFailedException? _failure;
    private int _stopping;
    private bool _steeringOver;
    private ITimer? _steering;
    private int _alive;
    private int _aliveAwaited;
    private int _unpaused;      // stages that have not come to rest yet
    private bool _pausing;

    internal PipelineRun(Pipeline pipeline, RunOptions options, CancellationToken cancellationToken)
    {
        (Pipeline, _options, _cancellation) = (pipeline, options, cancellationToken);
        _sourcesEnd = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _othersEnd = CancellationTokenSource.CreateLinkedTokenSource(_sourcesEnd.Token);
        _awaited = Awaited.Of(pipeline);
        (_startTime, _startStamp) = (options.TimeProvider.GetUtcNow(), options.TimeProvider.GetTimestamp());
        _ticksPerStamp = (double)TimeSpan.TicksPerSecond / options.TimeProvider.TimestampFrequency;
        Metrics = new(pipeline.Name);
        Pool = new(options.GuardMemory);
        Levels = new(pipeline.Levels);
        Log = options.Recorder?.LogOf(pipeline, _startTime, options.Seed);
        Activity = Instruments.Begin(pipeline.Name, Epoch);
        Began = _startTime - Shortened(options.StartFrom?.Elapsed ?? TimeSpan.Zero);
        if ((options.Checkpoints is not null || options.StartFrom is not null) && RunUnit.Refusal(pipeline) is { } refusal)
        {
            throw new ArgumentException(refusal, nameof(options));
        }

        if (options.Checkpoints is { } checkpoints) { Checkpoints = new(this, checkpoints.Checked(), options.StartFrom); }
        _canceled = cancellationToken.UnsafeRegister(static run => ((PipelineRun)run!).Stop(), this);
    }

    /// <summary>The pipeline.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>True if nothing is under way in the run and nothing is due: no call, sequence or function of the program's, no source,
    /// repetition or checkpoint. Only a message or a confirmation of a transport, the program at an input or output, or a wake-up moves it
    /// on. Also true once the run has ended.</summary>
    /// <remarks>It holds for a moment: a message may arrive in the next one. A wake-up does not count, because blocks may ask for one again
    /// and again, such as to repeat what is not answered.</remarks>
    public bool IsAtRest => Completion.IsCompleted
        || (Checkpoints is not { IsAtWork: true } && (!Draining || SteeringOver) && _stages.TrueForAll(static s => s.IsAtRest));

    /// <summary>The counters of every block and edge.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>Ends when the sources have ended and all is processed; fails with <see cref="BlockFailedException"/>, or
    /// <see cref="OperationCanceledException"/> when it was stopped.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Where the run's batches are rented; also for those that the program sends in.</summary>
    public BatchPool Pool { get; }

    /// <summary>The texts of a named topic level that have appeared or were known, by the code that stands in the level's column.</summary>
    /// <param name="level">The level's name.</param>
    /// <exception cref="ArgumentException">No subscription has the level.</exception>
    public ImmutableArray<string> LevelTexts(string level) => Levels.Texts(level);

    internal TopicLevels Levels { get; }

    internal TokenPool Tokens { get; } = new();

    internal ICallLog? Log { get; }

    /// <summary>The activity of this run; null: nobody listens.</summary>
    internal Activity? Activity { get; }

    /// <summary>What saves the state of the run; null: nothing.</summary>
    internal RunCheckpoints? Checkpoints { get; }

    /// <summary>When the pipeline began, on the clock of this run: before it, if the run goes on from a checkpoint.</summary>
    internal DateTimeOffset Began { get; }

    internal List<Stage> Stages => _stages;

    internal bool IsPausing => Volatile.Read(ref _pausing);

    internal CancellationToken Stopped => _stop.Token;

    internal CancellationToken SourcesEnd => _sourcesEnd.Token;

    /// <summary>Canceled when the sources are asked to end, or when every block that the run waits for has ended.</summary>
    internal CancellationToken OthersEnd => _othersEnd.Token;

    internal bool Stopping => Volatile.Read(ref _stopping) != 0;

    /// <summary>True if the run was stopped with a checkpoint that holds what it had not processed. Set before it is stopped.</summary>
    internal bool IsSaved { get; set; }

    /// <summary>How messages are counted that a stopped run had not processed: <c>saved</c> are in a checkpoint, or come again.</summary>
    internal string Unprocessed => IsSaved ? "saved" : "stopped";

    internal bool Draining => _sourcesEnd.IsCancellationRequested;

    /// <summary>True once a run that is drained has waited long enough for what only steers its blocks.</summary>
    internal bool SteeringOver => Volatile.Read(ref _steeringOver);

    internal Pace Pace => _options.Pace;

    internal long Epoch => _options.Epoch ?? Math.Max(0, _startTime.ToUnixTimeMilliseconds());

    /// <summary>The seed of the random streams: that of the run it goes on from.</summary>
    internal long Seed => _options.StartFrom?.Seed ?? _options.Seed;

    internal double Slowdown => _options.Slowdown;

    internal long Timestamp => _options.TimeProvider.GetTimestamp();

    /// <summary>Lets the sources end, waits until all that is under way has been processed, and returns.</summary>
    /// <remarks>Subscriptions that only steer go on until what they steer has completed; a block that is closed until something comes from
    /// them is waited for 5 s.</remarks>
    /// <param name="cancellationToken">Stops the run at once.</param>
    /// <exception cref="BlockFailedException">A block threw.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        BeginToEnd();
        try
        {
            await _sourcesEnd.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            foreach (var stage in _stages) { stage.Schedule(); }      // even if the program's own callback threw
        }

        var stop = cancellationToken.UnsafeRegister(static run => ((PipelineRun)run!).Stop(), this);
        await using var _ = stop.ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    /// <summary>The checkpoint that was written last; null: none yet.</summary>
    public SavedCheckpoint? LastCheckpoint => Checkpoints?.Last;

    /// <summary>Why the last attempt to write a checkpoint failed, such as a full disk; null: it did not. Nothing is acknowledged that
    /// waits for it, and it is tried again.</summary>
    public Exception? CheckpointFailure => Checkpoints?.Failure;

    /// <summary>Saves the state of the run now. Not within a block of the run: it would wait for the block's own call to end.</summary>
    /// <returns>What was written; done when it is on disk.</returns>
    /// <exception cref="InvalidOperationException">The run keeps no checkpoints (<see cref="RunOptions.Checkpoints"/>), or has ended; or
    /// a block of the run asks.</exception>
    /// <exception cref="IOException">The checkpoint could not be written; those before it are as they were.</exception>
    public Task<SavedCheckpoint> CheckpointAsync() => KeptFor(nameof(CheckpointAsync)).StartAsync();

    /// <summary>Saves the state of the run and stops it, so that the next run goes on where it was: nothing happens in between. Unlike
    /// <see cref="DrainAsync"/>, which brings the pipeline to its end. Not within a block of the run.</summary>
    /// <exception cref="InvalidOperationException">The run keeps no checkpoints (<see cref="RunOptions.Checkpoints"/>), or has ended; or
    /// a block of the run asks.</exception>
    /// <exception cref="IOException">The checkpoint could not be written; the run goes on.</exception>
    public Task<SavedCheckpoint> StopAsync() => StopAsync(KeptFor(nameof(StopAsync)));

    private async Task<SavedCheckpoint> StopAsync(RunCheckpoints kept)
    {
        var saved = await kept.StartAsync(stops: true).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        return saved;
    }

    /// <summary>Sends a message to an input; done when the pipeline has space for it.</summary>
    /// <typeparam name="T">The messages of the input.</typeparam>
    /// <param name="input">The input's name.</param>
    /// <param name="item">The message; from now on the pipeline's, which disposes it if it cannot be sent, whatever the reason.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The input has ended; if the run failed, its failure is the inner exception.</exception>
    /// <exception cref="ObjectDisposedException">The message was sent or disposed before.</exception>
    /// <exception cref="ArgumentException">The input takes other messages.</exception>
    /// <exception cref="SchemaException">A batch has other columns, or more rows, than the input declares.</exception>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    public ValueTask SendAsync<T>(string input, T item, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(item);
        Ownership.PassOn(item);
        var adding = AddAsync(input, item, cancellationToken);
        return adding is { IsCompletedSuccessfully: true, Result: true } ? default : SentAsync(input, item, adding);
    }

    /// <summary>Waits until a message has found space. One that was not sent ends here. A task of its own: a program that awaits it twice
    /// harms nobody else.</summary>
    private async ValueTask SentAsync(string input, object item, ValueTask<bool> adding)
    {
        var sent = false;
        try
        {
            sent = await adding.ConfigureAwait(false);
        }
        finally
        {
            if (!sent) { Ownership.End(item); }
        }

        if (sent) { return; }
        var why = _failure is null ? "" : $": {_failure.Message}";
        throw new InvalidOperationException($"input '{input}' has ended{why}", _failure);
    }

    private ValueTask<bool> AddAsync(string input, object item, CancellationToken cancellationToken)
    {
        try
        {
            var stage = Find<InletStage>(input, NodeKind.Input);
            return stage.Node.Outputs[0].IsInstanceOfType(item)
                ? stage.AddAsync(item, null, cancellationToken)
                : throw new ArgumentException(
                    $"input '{input}' takes {stage.Node.Outputs[0].Name}, got {item.GetType().Name}", nameof(item));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<bool>(e);
        }
    }

    /// <summary>Ends an input: what was sent is processed, no more comes.</summary>
    /// <param name="input">The input's name.</param>
    public void Complete(string input) => Find<InletStage>(input, NodeKind.Input).Complete();

    /// <summary>Reads an output. A message is processed when the next one is asked for; the reader owns it. Ends when the run does:
    /// <see cref="Completion"/> says how.</summary>
    /// <typeparam name="T">The messages of the output.</typeparam>
    /// <param name="output">The output's name.</param>
    /// <param name="cancellationToken">Ends the reading, not the run.</param>
    /// <exception cref="ArgumentException">The output has other messages.</exception>
    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public IAsyncEnumerable<T> ReadAllAsync<T>(string output, CancellationToken cancellationToken = default)
        where T : class
    {
        var stage = Find<OutputStage>(output, NodeKind.Output);
        return typeof(T).IsAssignableFrom(stage.Node.Input)
            ? stage.ReadAllAsync<T>(cancellationToken)
            : throw new ArgumentException($"output '{output}' has {stage.Node.Input!.Name}, not {typeof(T).Name}");
    }

    /// <summary>Fails the run because of what the reader of an output met with a message, as a block that throws does. The run is told
    /// once: later failures change nothing.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="failure">What was thrown.</param>
    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public void Fail(string output, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var stage = Find<OutputStage>(output, NodeKind.Output);
        Fail(new BlockFailedException(Pipeline.Name, output, stage.Metrics.ItemsIn, failure));
    }

    /// <summary>The graph as a Mermaid flowchart, with the rates, fill and blocked time of this run.</summary>
    public string ToMermaid() => GraphText.Mermaid(Pipeline, this);

    /// <summary>Stops the run if it still goes, and waits until every block has given back what it held.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Stop();
        }
        finally
        {
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _canceled.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Time since the run started.</summary>
    internal TimeSpan Age => Elapsed(_startStamp, Timestamp);

    /// <summary>How long the pipeline has run, over all its runs.</summary>
    internal TimeSpan TotalAge => (_options.StartFrom?.Elapsed ?? TimeSpan.Zero) + Age;

    internal void Open(List<Stage> stages)
    {
        (_stages, _alive, _aliveAwaited) = (stages, stages.Count, stages.Count(s => _awaited[s.Node.Index]));
        Instruments.Add(Metrics);
        Checkpoints?.Open();
        foreach (var stage in stages) { stage.Schedule(); }
        foreach (var inlet in stages.OfType<InletStage>()) { inlet.Open(); }
    }

    /// <summary>Fails the run with its first failure; a call that gives up because the run has stopped is none.</summary>
    internal void Fail(BlockFailedException failure)
    {
        if (Stopping && failure.InnerException is OperationCanceledException) { return; }
        Interlocked.CompareExchange(ref _failure, failure, null);
        try
        {
            Stop();
        }
        catch (AggregateException)
        {
            // A callback on the run's token threw; the failure that stopped the run is the one to report.
        }
    }

    internal void StageEnded(Node node)
    {
        if (_awaited[node.Index] && Interlocked.Decrement(ref _aliveAwaited) == 0)
        {
            _ = _othersEnd.CancelAsync();           // code of others runs in it: a transport's
        }

        if (Interlocked.Decrement(ref _alive) > 0) { return; }
        Instruments.Remove(Metrics);
        _canceled.Unregister();
        Volatile.Read(ref _steering)?.Dispose();
        var isComplete = _failure is null && !Stopping;
        if (Checkpoints is null) { End(isComplete); }
        else { _ = EndAsync(isComplete); }
    }

    /// <summary>Writes the last checkpoint, and ends what waits for one.</summary>
    private async Task EndAsync(bool isComplete)
    {
        try
        {
            await Checkpoints!.EndAsync(isComplete).ConfigureAwait(false);
            foreach (var inlet in _stages.OfType<InletStage>()) { inlet.Subscription?.EndAll(inlet.Given, isComplete); }
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, new(Pipeline.Name, "checkpoint", 0, e), null);
        }

        End(isComplete);
    }

    private void End(bool isComplete)
    {
        Activity?.End(_failure);
        if (_failure is not null) { _completion.SetException(_failure); }
        else if (!isComplete) { _completion.SetCanceled(_cancellation.IsCancellationRequested ? _cancellation : _stop.Token); }
        else { _completion.SetResult(); }
    }

    /// <summary>True if the run goes on from a checkpoint.</summary>
    internal bool GoesOn => _options.StartFrom is not null;

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

    /// <summary>Lets every block come to rest between two calls, and stay so until <see cref="Resume"/>. When all are at rest, the
    /// checkpoint is put on the thread pool.</summary>
    internal void Pause()
    {
        Volatile.Write(ref _unpaused, _stages.Count);
        Volatile.Write(ref _pausing, true);
        foreach (var stage in _stages) { stage.Schedule(); }
    }

    /// <summary>Lets all blocks go on.</summary>
    internal void Resume()
    {
        Volatile.Write(ref _pausing, false);
        foreach (var stage in _stages) { stage.Resume(); }
    }

    /// <summary>Keeps the turn of a stage while the run is paused.</summary>
    internal bool TryHold()
    {
        if (!IsPausing) { return false; }
        if (Interlocked.Decrement(ref _unpaused) == 0) { ThreadPool.UnsafeQueueUserWorkItem(Checkpoints!, preferLocal: false); }
        return true;
    }

    /// <summary>What saves the state, for a caller who is not within a block: that one would wait for itself.</summary>
    private RunCheckpoints KeptFor(string method)
    {
        if (Checkpoints is not { } kept)
        {
            throw new InvalidOperationException("the run keeps no checkpoints: start it with RunOptions.Checkpoints");
        }

        return Stage.RunHere != this ? kept : throw new InvalidOperationException(
            "a checkpoint waits until every block has come to rest, and a block asks for one within its own call: ask outside of the "
                + $"blocks, or here without waiting for it, by Task.Run(run.{method})");
    }

    /// <summary>Lets go what a checkpoint on disk holds.</summary>
    internal void Release()
    {
        foreach (var stage in _stages)
        {
            if (stage is InletStage { Subscription: { } subscription }) { subscription.AcknowledgeSaved(); }
            else if (stage is PublishStage publication) { publication.ReleaseSaved(); }
        }
    }

    /// <summary>A time that the calendar has before the start of the run.</summary>
    private TimeSpan Shortened(TimeSpan time) => time < _startTime - DateTimeOffset.MinValue ? time : TimeSpan.Zero;

    internal DateTimeOffset TimeAt(long stamp) => _startTime + Elapsed(_startStamp, stamp);

    internal TimeSpan Elapsed(long from, long to) => new((long)((to - from) * _ticksPerStamp));

    internal ITimer CreateTimer(Action action)
    {
        ITimer? timer = null;
        Unflowed.Do(() => timer = _options.TimeProvider.CreateTimer(
            static a => ((Action)a!)(), action, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        return timer!;
    }

    /// <summary>Waits on the run's clock, or until it stops.</summary>
    internal Task DelayAsync(TimeSpan delay) => Task.Delay(delay, _options.TimeProvider, Stopped);

    /// <summary>Sets a timer a little late, so that it is not early, and at most a day ahead, which is less than a timer's range; who set
    /// it looks at the clock again.</summary>
    internal static void Set(ITimer timer, TimeSpan due)
    {
        var wait = due <= TimeSpan.Zero ? TimeSpan.Zero : due >= LongestWait ? LongestWait : due + TimeSpan.FromMilliseconds(1);
        timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends a run of which some block could not be made: the others give back what they hold, and subscriptions end.</summary>
    internal void Abandon(List<Stage> stages)
    {
        _canceled.Unregister();
        Stop();
        if (stages.Count > 0) { Open(stages); }
        Checkpoints?.Dispose();     // at once: the program may try again, with other options
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

    internal void Stop()
    {
        if (Completion.IsCompleted || Interlocked.Exchange(ref _stopping, 1) != 0) { return; }
        try
        {
            _stop.Cancel();
        }
        finally
        {
            foreach (var stage in _stages) { stage.Schedule(); }      // even if a callback on the token threw
        }
    }

    private T Find<T>(string name, NodeKind kind)
        where T : Stage
    {
        foreach (var stage in _stages)
        {
            if (stage is T found && stage.Node.Kind == kind && stage.Node.Name == name) { return found; }
        }

        throw Unknown(name, kind);
    }

    /// <summary>Apart: what the query captures would be allocated where the search begins.</summary>
    private KeyNotFoundException Unknown(string name, NodeKind kind) => UnknownName.In(
        Pipeline.Name, kind.ToString().ToLowerInvariant(), name, Pipeline.Nodes.Where(n => n.Kind == kind).Select(n => n.Name));
}
