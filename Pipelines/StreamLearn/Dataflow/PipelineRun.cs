using System.Collections.Immutable;
using System.Diagnostics;

namespace StreamLearn;

/// <summary>A pipeline running in the dataflow host.</summary>
public sealed partial class PipelineRun : IAsyncDisposable
{
    /// <summary>How long a run that drains waits for control-only input, such as replies.</summary>
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
    private int _unpaused;      // stages that are not paused yet
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

    /// <summary>True if nothing is in progress or due: no call, program code, source, retry or checkpoint. Only a transport, the program or
    /// a wake-up can then cause work. Also true after the run has ended.</summary>
    /// <remarks>A snapshot: a message may arrive at any time. Wake-ups do not count because blocks may request them forever, such as for
    /// retries.</remarks>
    public bool IsAtRest => Completion.IsCompleted
        || (Checkpoints is not { IsAtWork: true } && (!Draining || SteeringOver) && _stages.TrueForAll(static s => s.IsAtRest));

    /// <summary>The counters of every block and edge.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>Completes when the sources have ended and everything is processed. Fails with <see cref="BlockFailedException"/>, or with
    /// <see cref="OperationCanceledException"/> if the run was stopped.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The pool of the run's batches, including those that the program sends.</summary>
    public BatchPool Pool { get; }

    /// <summary>Returns the known names at a named topic level, indexed by their code in the level's column.</summary>
    /// <exception cref="ArgumentException">No subscription has the level.</exception>
    public ImmutableArray<string> LevelTexts(string level) => Levels.Texts(level);

    internal TopicLevels Levels { get; }

    internal TokenPool Tokens { get; } = new();

    internal ICallLog? Log { get; }

    internal Activity? Activity { get; }

    internal RunCheckpoints? Checkpoints { get; }

    /// <summary>Start of the pipeline on this run's clock; for a resumed run, before the run's start.</summary>
    internal DateTimeOffset Began { get; }

    internal List<Stage> Stages => _stages;

    internal bool IsPausing => Volatile.Read(ref _pausing);

    internal CancellationToken Stopped => _stop.Token;

    internal CancellationToken SourcesEnd => _sourcesEnd.Token;

    /// <summary>Canceled when sources are asked to end, or all blocks that the run waits for have ended.</summary>
    internal CancellationToken OthersEnd => _othersEnd.Token;

    internal bool Stopping => Volatile.Read(ref _stopping) != 0;

    /// <summary>True if the run stopped with a checkpoint of its unprocessed messages. Set before the stop.</summary>
    internal bool IsSaved { get; set; }

    /// <summary>Counter of unprocessed messages: <c>saved</c> are in a checkpoint or redelivered.</summary>
    internal string Unprocessed => IsSaved ? "saved" : "stopped";

    internal bool Draining => _sourcesEnd.IsCancellationRequested;

    internal bool SteeringOver => Volatile.Read(ref _steeringOver);

    internal Pace Pace => _options.Pace;

    internal long Epoch => _options.Epoch ?? Math.Max(0, _startTime.ToUnixTimeMilliseconds());

    internal long Seed => _options.StartFrom?.Seed ?? _options.Seed;

    internal double Slowdown => _options.Slowdown;

    internal long Timestamp => _options.TimeProvider.GetTimestamp();

    /// <summary>Ends the sources and waits until all messages in progress are processed.</summary>
    /// <remarks>Control-only subscriptions stay open until the blocks they control complete. A block that is closed until such a message
    /// arrives is waited for at most 5 s.</remarks>
    /// <param name="cancellationToken">Stops the run at once.</param>
    /// <exception cref="BlockFailedException">A block threw.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        BeginToEnd();
        try { await _sourcesEnd.CancelAsync().ConfigureAwait(false); }
        finally
        {
            foreach (var stage in _stages) { stage.Schedule(); }      // even if a user callback threw
        }

        var stop = cancellationToken.UnsafeRegister(static run => ((PipelineRun)run!).Stop(), this);
        await using var _ = stop.ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    /// <summary>The last checkpoint written; null: none yet.</summary>
    public SavedCheckpoint? LastCheckpoint => Checkpoints?.Last;

    /// <summary>Why the last checkpoint attempt failed, such as a full disk; null: it succeeded. It is retried, and acknowledgements wait
    /// for it.</summary>
    public Exception? CheckpointFailure => Checkpoints?.Failure;

    /// <summary>Saves the run's state now. Do not call it within a block of the run.</summary>
    /// <returns>The checkpoint, once it is on disk.</returns>
    /// <exception cref="InvalidOperationException">The run keeps no checkpoints (<see cref="RunOptions.Checkpoints"/>), has ended, or is
    /// called by one of its own blocks.</exception>
    /// <exception cref="IOException">The checkpoint could not be written; earlier ones are unchanged.</exception>
    public Task<SavedCheckpoint> CheckpointAsync() => KeptFor(nameof(CheckpointAsync)).StartAsync();

    /// <summary>Saves the run's state and stops at that point, so that the next run resumes there. <see cref="DrainAsync"/> instead ends
    /// the pipeline. Do not call it within a block of the run.</summary>
    /// <exception cref="InvalidOperationException">The run keeps no checkpoints (<see cref="RunOptions.Checkpoints"/>), has ended, or is
    /// called by one of its own blocks.</exception>
    /// <exception cref="IOException">The checkpoint could not be written; the run continues.</exception>
    public Task<SavedCheckpoint> StopAsync() => StopAsync(KeptFor(nameof(StopAsync)));

    private async Task<SavedCheckpoint> StopAsync(RunCheckpoints kept)
    {
        var saved = await kept.StartAsync(stops: true).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        return saved;
    }

    /// <summary>Sends a message to an input; completes when the pipeline has space for it.</summary>
    /// <param name="input">The name of the input.</param>
    /// <param name="item">The message; the pipeline owns it and disposes it if it cannot be sent.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="InvalidOperationException">The input has ended; the inner exception is the run's failure, if any.</exception>
    /// <exception cref="ObjectDisposedException">The message was already sent or disposed.</exception>
    /// <exception cref="ArgumentException">The input accepts other messages.</exception>
    /// <exception cref="SchemaException">A batch does not have the declared columns, or has too many rows.</exception>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    public ValueTask SendAsync<T>(string input, T item, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(item);
        Ownership.PassOn(item);
        var adding = AddAsync(input, item, cancellationToken);
        return adding is { IsCompletedSuccessfully: true, Result: true } ? default : SentAsync(input, item, adding);
    }

    /// <summary>Disposes a message that was not sent. A separate task, so that awaiting it twice harms only the caller.</summary>
    private async ValueTask SentAsync(string input, object item, ValueTask<bool> adding)
    {
        var sent = false;
        try { sent = await adding.ConfigureAwait(false); }
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
        catch (Exception e) { return ValueTask.FromException<bool>(e); }
    }

    /// <summary>Ends an input after the messages already sent.</summary>
    /// <param name="input">The name of the input.</param>
    public void Complete(string input) => Find<InletStage>(input, NodeKind.Input).Complete();

    /// <summary>Reads an output; the reader owns each message. A message counts as processed when the next one is requested. Ends with the
    /// run; see <see cref="Completion"/> for the result.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="cancellationToken">Cancels the reading, not the run.</param>
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

    /// <summary>Fails the run because an output's reader failed, as a throwing block would. Only the first failure counts.</summary>
    /// <exception cref="KeyNotFoundException">There is no such output.</exception>
    public void Fail(string output, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var stage = Find<OutputStage>(output, NodeKind.Output);
        Fail(new BlockFailedException(Pipeline.Name, output, stage.Metrics.ItemsIn, failure));
    }

    /// <summary>Renders the graph as a Mermaid flowchart with this run's rates, fill and blocked time.</summary>
    public string ToMermaid() => GraphText.Mermaid(Pipeline, this);

    /// <summary>Stops the run and waits until every block has released its resources.</summary>
    public async ValueTask DisposeAsync()
    {
        try { Stop(); }
        finally
        {
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _canceled.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal TimeSpan Age => Elapsed(_startStamp, Timestamp);

    internal TimeSpan TotalAge => (_options.StartFrom?.Elapsed ?? TimeSpan.Zero) + Age;

    /// <summary>Records only the first failure. A cancellation because the run stopped is not a failure.</summary>
    internal void Fail(BlockFailedException failure)
    {
        if (Stopping && failure.InnerException is OperationCanceledException) { return; }
        Interlocked.CompareExchange(ref _failure, failure, null);
        try { Stop(); }
        catch (AggregateException)
        {
            // A callback on the run's token threw; report the failure that stopped the run instead.
        }
    }

    internal void Stop()
    {
        if (Completion.IsCompleted || Interlocked.Exchange(ref _stopping, 1) != 0) { return; }
        try { _stop.Cancel(); }
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

    /// <summary>A separate method: its closure would be allocated by every lookup.</summary>
    private KeyNotFoundException Unknown(string name, NodeKind kind) => UnknownName.In(
        Pipeline.Name, kind.ToString().ToLowerInvariant(), name, Pipeline.Nodes.Where(n => n.Kind == kind).Select(n => n.Name));
}
