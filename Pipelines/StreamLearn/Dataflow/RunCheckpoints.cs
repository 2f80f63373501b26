namespace StreamLearn;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Number">Its number, from 1, over all runs.</param>
/// <param name="SizeBytes">Bytes of its file.</param>
/// <param name="Waited">How long the calls that were under way took to end; other blocks stood still meanwhile.</param>
/// <param name="Paused">How long all blocks stood still while the state was saved to memory.</param>
/// <param name="Written">How long it took to bring the file to disk.</param>
public readonly record struct SavedCheckpoint(long Number, long SizeBytes, TimeSpan Waited, TimeSpan Paused, TimeSpan Written);

/// <summary>Saves the state of a run from time to time: pauses between calls, saves to memory, goes on, and writes the unit to disk. What
/// it holds is then acknowledged, and goes out.</summary>
/// <remarks>No task waits for a pause: the last block that comes to rest puts this on the thread pool.</remarks>
internal sealed class RunCheckpoints : IThreadPoolWorkItem, IDisposable
{
    private const string HasEnded = "the run has ended";

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly PipelineRun _run;
    private readonly CheckpointOptions _options;
    private readonly IStorage? _storage;
    private readonly string? _folder;       // null: there is none
    private readonly CheckpointFiles? _files;       // null: they are kept elsewhere
    private readonly RunUnit _state;
    private readonly StateFrames _frames = new();
    private readonly ITimer _wanted;
    private readonly ITimer _period;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FileStream? _inUse;
    private TaskCompletionSource<SavedCheckpoint>? _next;        // null: nobody asked for a result
    private TaskCompletionSource<SavedCheckpoint>? _current;
    private SavedCheckpoint? _last;
    private TimeSpan _retry;
    private long _asked;
    private long _number;
    private bool _stops;           // with the next one the run stops: nothing happens after it
    private bool _currentStops;
    private bool _isStarted;       // the next one begins as soon as it may
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

    /// <summary>The one that was written last; null: none yet.</summary>
    internal SavedCheckpoint? Last
    {
        get
        {
            lock (_lock) { return _last; }
        }
    }

    /// <summary>True while one is made, or something waits for the next one.</summary>
    internal bool IsAtWork
    {
        get
        {
            lock (_lock) { return _isBusy || _isWanted; }
        }
    }

    /// <summary>Checkpoints in the folder that are newer than the one that the run goes on from.</summary>
    internal long Lost { get; }

    /// <summary>Why the last attempt failed; null: it did not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Begins with the period.</summary>
    internal void Open()
    {
        if (_options.Every != Timeout.InfiniteTimeSpan) { _period.Change(_options.Every, _options.Every); }
    }

    /// <summary>So many messages wait for a checkpoint: one begins after a while, and at once where half of those that may wait
    /// do.</summary>
    internal void Want(int waiting, int most)
    {
        if (waiting * 2 >= most) { Start(); }
        else { Want(); }
    }

    /// <summary>Something waits for a checkpoint: one begins after a while, if none does before.</summary>
    private void Want()
    {
        lock (_lock)
        {
            if (_isWanted || _isStarted || _isOver) { return; }
            _isWanted = true;
            _wanted.Change(_retry > _options.HoldAtMost ? _retry : _options.HoldAtMost, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Begins a checkpoint as soon as the one under way, if any, is over.</summary>
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

    /// <summary>Begins a checkpoint unless one is under way: where saving takes longer than the period, the blocks get to work all the
    /// same.</summary>
    private void StartInTurn()
    {
        lock (_lock)
        {
            if (!_isBusy) { Start(); }
        }
    }

    /// <summary>Begins a checkpoint as soon as the one under way, if any, is over.</summary>
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

    /// <summary>Writes the last checkpoint of a run that has come to its end, or none of one that was stopped; no other follows.</summary>
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
            try
            {
                await WriteAsync(Save(TimeSpan.Zero, isEnd: true)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Failure = e;      // what was processed is acknowledged all the same: the run has come to its end
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

    /// <summary>All blocks are at rest.</summary>
    void IThreadPoolWorkItem.Execute() => _ = SaveAsync();

    private async Task SaveAsync()
    {
        SavedCheckpoint? saved = null;
        Exception? failure = null;
        try
        {
            saved = await TrySaveAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_run.Stopping)
        {
        }
        catch (Exception e)
        {
            failure = e;
            if (e is not (IOException or UnauthorizedAccessException))
            {
                _run.Fail(new(_run.Pipeline.Name, "checkpoint", _number, e));
            }
        }

        var current = _current;
        if (saved is { } done) { current?.SetResult(done); }
        else { GiveUp(current, failure ?? new InvalidOperationException(HasEnded)); }
        lock (_lock)
        {
            // What waits goes on waiting when it fails: nothing is acknowledged that is not on disk.
            (Failure, _retry) = (failure, failure is null ? TimeSpan.Zero : Later(_retry));
            if (failure is not null) { Want(); }
            if (_isStarted && !_isOver && !_run.Stopping)
            {
                Begin();
                return;
            }

            _isBusy = false;
            if (!_isOver && !_run.Stopping) { return; }
            GiveUp(_next, new InvalidOperationException(HasEnded));      // a run that is being stopped must not be paused again and again
            _next = null;
            if (_isOver) { _idle.TrySetResult(); }
        }
    }

    /// <summary>Asks the blocks to come to rest; under the lock.</summary>
    private void Begin()
    {
        (_current, _next, _currentStops) = (_next, null, _stops);
        (_isStarted, _isWanted, _stops) = (false, false, false);
        _asked = _run.Timestamp;
        _run.Pause();
    }

    /// <summary>Saves the state, lets the blocks go on, and brings the unit to disk.</summary>
    private async ValueTask<SavedCheckpoint?> TrySaveAsync()
    {
        SavedCheckpoint saved;
        try
        {
            saved = Save(_run.Elapsed(_asked, _run.Timestamp));

            // A block that stopped, or failed, has given back what it held: a state without that is not the run's.
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
        finally
        {
            _run.Resume();
        }

        saved = await WriteAsync(saved).ConfigureAwait(false);
        _run.Release();
        return saved;
    }

    /// <summary>True if a run could go on from what is in the folder, or if that is damaged.</summary>
    private bool HoldsMore()
    {
        try
        {
            return _storage is not null && CheckpointFiles.Read(_storage) is { HasEnded: false };
        }
        catch (StateException)
        {
            return true;
        }
    }

    /// <summary>The run would begin anew, and its checkpoints would push those out that are there.</summary>
    private InvalidOperationException Dismissed()
    {
        Dispose();
        return new($"the folder '{_options.Folder}' holds checkpoints, and the run would begin anew: set StartFrom to "
            + "Checkpoint.Newest(folder) to go on from there, or delete them, or name another folder");
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

    /// <summary>Locks the folder again if somebody has deleted it: otherwise another run could use it as well.</summary>
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
        try
        {
            return new(Path.Join(folder, ".in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the checkpoints in '{folder}' are in use by another run: give each run a folder of its own", e);
        }
    }
}
