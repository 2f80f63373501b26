namespace StreamLearn;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Number">Its number, from 1, over all runs.</param>
/// <param name="SizeBytes">File size in bytes.</param>
/// <param name="Waited">Time spent waiting for calls in progress, while other blocks were paused.</param>
/// <param name="Paused">Time for which all blocks were paused while the state was copied to memory.</param>
/// <param name="Written">Time to write the file to disk.</param>
public readonly record struct SavedCheckpoint(long Number, long SizeBytes, TimeSpan Waited, TimeSpan Paused, TimeSpan Written);

/// <summary>Saves a run's state periodically: pauses blocks between calls, saves to memory, resumes, and writes to disk. Then it
/// acknowledges and publishes the messages that the checkpoint holds.</summary>
/// <remarks>No task waits for a pause: the last block to stop schedules this on the thread pool.</remarks>
internal sealed class RunCheckpoints : IThreadPoolWorkItem, IDisposable
{
    private const string HasEnded = "the run has ended";

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly PipelineRun _run;
    private readonly CheckpointOptions _options;
    private readonly IStorage? _storage;
    private readonly string? _folder;       // null: no folder
    private readonly CheckpointFiles? _files;       // null: the checkpoints are stored elsewhere
    private readonly RunUnit _state;
    private readonly StateFrames _frames = new();
    private readonly ITimer _wanted;
    private readonly ITimer _period;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FileStream? _inUse;
    private TaskCompletionSource<SavedCheckpoint>? _next;        // null: no result requested
    private TaskCompletionSource<SavedCheckpoint>? _current;
    private SavedCheckpoint? _last;
    private TimeSpan _retry;
    private long _asked;
    private long _number;
    private bool _stops;           // the run stops with the next one
    private bool _currentStops;
    private bool _isStarted;       // the next one starts as soon as possible
    private bool _isWanted;        // a timer is set for the next one
    private bool _isBusy;
    private bool _isOver;

    internal RunCheckpoints(PipelineRun run, CheckpointOptions options, Checkpoint? from)
    {
        (_run, _options) = (run, options);
        _state = new(run.Pipeline, run.Levels, run.Pool);
        if (options.Storage is { } storage) { _storage = storage; }
        else if (options.Elsewhere is null)
        {
            _folder = Path.GetFullPath(options.Folder);
            _storage = new FileStorage(_folder);
            _inUse = Lock(_folder);
        }

        if (_storage is not null) { _files = new(_storage, options.Keep); }
        _number = Math.Max(from?.Number ?? 0, _files?.Newest ?? 0);
        Lost = from is null ? 0 : _number - from.Number;
        _wanted = run.CreateTimer(Start);
        _period = run.CreateTimer(StartInTurn);
        if (from is null && HoldsMore()) { throw Dismissed(); }
    }

    internal SavedCheckpoint? Last
    {
        get
        {
            lock (_lock) { return _last; }
        }
    }

    internal bool IsAtWork
    {
        get
        {
            lock (_lock) { return _isBusy || _isWanted; }
        }
    }

    internal long Lost { get; }

    internal Exception? Failure { get; private set; }

    internal void Open()
    {
        if (_options.Every != Timeout.InfiniteTimeSpan) { _period.Change(_options.Every, _options.Every); }
    }

    /// <summary>Starts a checkpoint after a delay, or at once when half of the allowed messages wait.</summary>
    internal void Want(int waiting, int most)
    {
        if (waiting * 2 >= most) { Start(); }
        else { Want(); }
    }

    private void Want()
    {
        lock (_lock)
        {
            if (_isWanted || _isStarted || _isOver) { return; }
            _isWanted = true;
            _wanted.Change(_retry > _options.HoldAtMost ? _retry : _options.HoldAtMost, Timeout.InfiniteTimeSpan);
        }
    }

    internal void Start()
    {
        lock (_lock)
        {
            if (_isOver || _run.Stopping) { return; }
            _isStarted = true;
            if (_isBusy) { return; }
            _isBusy = true;
            Begin();
        }
    }

    /// <summary>Skips a checkpoint if one is in progress, so that slow saving does not starve the blocks.</summary>
    private void StartInTurn()
    {
        lock (_lock)
        {
            if (!_isBusy) { Start(); }
        }
    }

    internal Task<SavedCheckpoint> StartAsync(bool stops = false)
    {
        lock (_lock)
        {
            if (_isOver || _run.Stopping) { return Task.FromException<SavedCheckpoint>(new InvalidOperationException(HasEnded)); }
            _stops |= stops;
            var next = _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            Start();
            return next.Task;
        }
    }

    internal async Task EndAsync(bool isComplete)
    {
        lock (_lock)
        {
            _isOver = true;
            if (!_isBusy) { _idle.TrySetResult(); }
        }

        await _idle.Task.ConfigureAwait(false);
        if (isComplete)
        {
            try { await WriteAsync(Save(TimeSpan.Zero, isEnd: true)).ConfigureAwait(false); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Failure = e;      // processed messages are acknowledged nevertheless, because the run has ended
            }
        }

        Dispose();
    }

    public void Dispose()
    {
        _wanted.Dispose();
        _period.Dispose();
        (_storage as FileStorage)?.Dispose();
        _inUse?.Dispose();
    }

    void IThreadPoolWorkItem.Execute() => _ = SaveAsync();

    private async Task SaveAsync()
    {
        SavedCheckpoint? saved = null;
        Exception? failure = null;
        try { saved = await TrySaveAsync().ConfigureAwait(false); }
        catch (OperationCanceledException) when (_run.Stopping) { }
        catch (Exception e)
        {
            failure = e;
            if (e is not (IOException or UnauthorizedAccessException)) { _run.Fail(new(_run.Pipeline.Name, "checkpoint", _number, e)); }
        }

        var current = _current;
        if (saved is { } done) { current?.SetResult(done); }
        else { GiveUp(current, failure ?? new InvalidOperationException(HasEnded)); }
        lock (_lock)
        {
            // After a failure, held messages keep waiting: only durable effects are acknowledged.
            (Failure, _retry) = (failure, failure is null ? TimeSpan.Zero : Later(_retry));
            if (failure is not null) { Want(); }
            if (_isStarted && !_isOver && !_run.Stopping)
            {
                Begin();
                return;
            }

            _isBusy = false;
            if (!_isOver && !_run.Stopping) { return; }
            GiveUp(_next, new InvalidOperationException(HasEnded));      // a run that stops must not be paused repeatedly
            _next = null;
            if (_isOver) { _idle.TrySetResult(); }
        }
    }

    /// <summary>Call it while holding the lock.</summary>
    private void Begin()
    {
        (_current, _next, _currentStops) = (_next, null, _stops);
        (_isStarted, _isWanted, _stops) = (false, false, false);
        _asked = _run.Timestamp;
        _run.Pause();
    }

    private async ValueTask<SavedCheckpoint?> TrySaveAsync()
    {
        SavedCheckpoint saved;
        try
        {
            saved = Save(_run.Elapsed(_asked, _run.Timestamp));

            // A stopped or failed block has released its messages: the state would be incomplete.
            if (_run.Stopping) { return null; }
            if (_currentStops)
            {
                saved = await WriteAsync(saved).ConfigureAwait(false);
                _run.Release();
                _run.IsSaved = true;
                _run.Stop();
                return saved;
            }
        }
        finally { _run.Resume(); }

        saved = await WriteAsync(saved).ConfigureAwait(false);
        _run.Release();
        return saved;
    }

    private bool HoldsMore()
    {
        try { return _storage is not null && CheckpointFiles.Read(_storage) is { HasEnded: false }; }
        catch (StateException) { return true; }
    }

    /// <summary>The checkpoints of a fresh run would replace the existing ones.</summary>
    private InvalidOperationException Dismissed()
    {
        Dispose();
        return new($"the folder '{_options.Folder}' has checkpoints, but the run would start over: set StartFrom to "
            + "Checkpoint.Newest(folder) to resume, delete them, or use another folder");
    }

    private static void GiveUp(TaskCompletionSource<SavedCheckpoint>? waiting, Exception reason)
    {
        if (waiting is null) { return; }
        waiting.SetException(reason);
        _ = waiting.Task.Exception;
    }

    private static TimeSpan Later(TimeSpan retry) => retry == TimeSpan.Zero
        ? TimeSpan.FromMilliseconds(200)
        : retry * 2 > LongestRetry ? LongestRetry : retry * 2;

    private SavedCheckpoint Save(TimeSpan waited, bool isEnd = false)
    {
        var begun = _run.Timestamp;
        var now = _run.TimeAt(begun);
        _state.Save(_frames, new(_run.Pipeline.Name, ++_number, now, _run.TotalAge, _run.Seed, isEnd), _run.Stages);
        var s = _frames.Begin(Checkpoint.CountsPart, Checkpoint.CountsFormat);
        _run.Metrics.State(ref s);
        if (_options.State is { } program)
        {
            s = _frames.Begin(Checkpoint.ProgramPart, program.StateFormat);
            program.State(ref s);
        }

        return new(_number, 0, waited, _run.Elapsed(begun, _run.Timestamp), TimeSpan.Zero);
    }

    private async ValueTask<SavedCheckpoint> WriteAsync(SavedCheckpoint saved)
    {
        var begun = _run.Timestamp;
        var bytes = _frames.Seal();
        KeepInUse();
        if (_options.Elsewhere is { } keep) { await keep(bytes, _run.Stopped).ConfigureAwait(false); }
        _files?.Write(saved.Number, bytes.Span);
        saved = saved with { SizeBytes = bytes.Length, Written = _run.Elapsed(begun, _run.Timestamp) };
        lock (_lock) { _last = saved; }
        return saved;
    }

    /// <summary>Locks the folder again if its lock file was deleted, so that no other run uses it.</summary>
    private void KeepInUse()
    {
        if (_folder is null || (_inUse is { } held && File.Exists(held.Name))) { return; }
        _inUse?.Dispose();
        _inUse = null;
        _inUse = Lock(_folder);
    }

    private static FileStream Lock(string folder)
    {
        Directory.CreateDirectory(folder);
        try { return new(Path.Join(folder, ".in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e)
        {
            throw new IOException($"the checkpoints in '{folder}' are in use by another run: give each run its own folder", e);
        }
    }
}
