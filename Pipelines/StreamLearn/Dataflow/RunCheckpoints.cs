namespace StreamLearn;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Number">Its number, from 1, over all runs.</param>
/// <param name="SizeBytes">Bytes of its file.</param>
/// <param name="Waited">How long the calls that were under way took to end; other blocks stood still meanwhile.</param>
/// <param name="Paused">How long all blocks stood still while the state was saved to memory.</param>
/// <param name="Written">How long it took to bring the file to disk.</param>
public sealed record SavedCheckpoint(long Number, long SizeBytes, TimeSpan Waited, TimeSpan Paused, TimeSpan Written);

/// <summary>Saves the state of a run from time to time: pauses between calls, saves to memory, goes on, and writes the unit to disk. What
/// it holds is then acknowledged, and goes out.</summary>
internal sealed class RunCheckpoints : IDisposable
{
    private const string HasEnded = "the run has ended";

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly PipelineRun _run;
    private readonly CheckpointOptions _options;
    private readonly IStorage _storage;
    private readonly FileStream? _inUse;
    private readonly RunUnit _state;
    private readonly StateFrames _frames = new();
    private readonly ITimer _wanted;
    private readonly ITimer _period;
    private readonly TimeSpan _before;      // how long the pipeline had run before this run
    private TaskCompletionSource<SavedCheckpoint>? _next;
    private TimeSpan _retry;
    private long _number;
    private bool _stops;           // with the next one the run stops: nothing happens after it
    private bool _isStarted;       // the next one begins as soon as it may
    private bool _isWanted;        // a timer is set for the next one
    private bool _isBusy;
    private bool _isOver;
    private Task _loop = Task.CompletedTask;

    internal RunCheckpoints(PipelineRun run, CheckpointOptions options, Checkpoint? from)
    {
        (_run, _options, _before) = (run, options, from?.Elapsed ?? TimeSpan.Zero);
        _state = new(run.Pipeline, run.Levels, run.Pool);
        if (options.Storage is { } storage) { _storage = storage; }
        else
        {
            _storage = new FileStorage(options.Folder);
            _inUse = Lock(options.Folder);
        }

        _number = Math.Max(from?.Number ?? 0, CheckpointFiles.NewestNumber(_storage));
        _wanted = run.CreateTimer(() => Start());
        _period = run.CreateTimer(() => Start());
    }

    /// <summary>The one that was written last; null: none yet.</summary>
    internal SavedCheckpoint? Last { get; private set; }

    /// <summary>Why the last attempt failed; null: it did not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Begins with the period.</summary>
    internal void Open()
    {
        if (_options.Every != Timeout.InfiniteTimeSpan) { _period.Change(_options.Every, _options.Every); }
    }

    /// <summary>Something waits for a checkpoint: one begins after a while, if none does before.</summary>
    internal void Want()
    {
        lock (_lock)
        {
            if (_isWanted || _isStarted || _isOver) { return; }
            _isWanted = true;
            _wanted.Change(_retry > _options.HoldAtMost ? _retry : _options.HoldAtMost, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Begins a checkpoint as soon as the one under way, if any, is over.</summary>
    /// <param name="stops">True: the run stops with it, if it can be written.</param>
    /// <returns>Done when it is on disk.</returns>
    internal Task<SavedCheckpoint> Start(bool stops = false)
    {
        lock (_lock)
        {
            _stops |= stops;
            if (_isOver) { return Task.FromException<SavedCheckpoint>(new InvalidOperationException(HasEnded)); }
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _isStarted = true;
            if (!_isBusy)
            {
                _isBusy = true;
                Unflowed.Do(() => _loop = Task.Run(LoopAsync));
            }

            return _next.Task;
        }
    }

    /// <summary>Writes the last checkpoint of a run that has come to its end, or none of one that was stopped; no other follows.</summary>
    internal async Task EndAsync(bool isComplete)
    {
        Task loop;
        lock (_lock)
        {
            _isOver = true;
            loop = _loop;
        }

        await loop.ConfigureAwait(false);
        if (isComplete)
        {
            try
            {
                Write(Save(TimeSpan.Zero, isEnd: true));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Failure = e;      // what was processed is acknowledged all the same: the run has come to its end
            }
        }

        Dispose();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _wanted.Dispose();
        _period.Dispose();
        (_storage as FileStorage)?.Dispose();
        _inUse?.Dispose();
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            TaskCompletionSource<SavedCheckpoint> current;
            bool stops;
            lock (_lock)
            {
                if (!_isStarted || _isOver)
                {
                    _isBusy = false;
                    GiveUp(_next);
                    return;
                }

                (current, _next, stops) = (_next!, null, _stops);
                (_isStarted, _isWanted, _stops) = (false, false, false);
            }

            try
            {
                var asked = _run.Timestamp;
                await _run.PauseAsync().ConfigureAwait(false);
                SavedCheckpoint saved;
                try
                {
                    saved = Save(_run.Elapsed(asked, _run.Timestamp));

                    // A block that stopped, or failed, has given back what it held: a state without that is not the run's.
                    if (_run.Stopping)
                    {
                        GiveUp(current);
                        continue;
                    }

                    if (stops)
                    {
                        saved = Write(saved);
                        _run.Release();
                        _run.Stop();
                    }
                }
                finally
                {
                    _run.Resume();
                }

                if (!stops)
                {
                    saved = Write(saved);
                    _run.Release();
                }

                (Failure, _retry) = (null, TimeSpan.Zero);
                current.SetResult(saved);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What waits goes on waiting: nothing is acknowledged that is not on disk.
                (Failure, _retry) = (e, Later(_retry));
                current.SetException(e);
                _ = current.Task.Exception;
                Want();
            }
            catch (Exception e)
            {
                current.SetException(e);
                _ = current.Task.Exception;
                _run.Fail(new(_run.Pipeline.Name, "checkpoint", _number, e));
            }
        }
    }

    private static void GiveUp(TaskCompletionSource<SavedCheckpoint>? waiting)
    {
        if (waiting is null) { return; }
        waiting.SetException(new InvalidOperationException(HasEnded));
        _ = waiting.Task.Exception;
    }

    private static TimeSpan Later(TimeSpan retry) => retry == TimeSpan.Zero
        ? TimeSpan.FromMilliseconds(200)
        : retry * 2 > LongestRetry ? LongestRetry : retry * 2;

    private SavedCheckpoint Save(TimeSpan waited, bool isEnd = false)
    {
        var begun = _run.Timestamp;
        var now = _run.TimeAt(begun);
        _state.Save(_frames, new(_run.Pipeline.Name, ++_number, now, _before + _run.Age, _run.Seed, isEnd), _run.Stages);
        return new(_number, 0, waited, _run.Elapsed(begun, _run.Timestamp), TimeSpan.Zero);
    }

    private SavedCheckpoint Write(SavedCheckpoint saved)
    {
        var begun = _run.Timestamp;
        var bytes = _frames.Seal();
        CheckpointFiles.Write(_storage, saved.Number, bytes, _options.Keep);
        Last = saved with { SizeBytes = bytes.Length, Written = _run.Elapsed(begun, _run.Timestamp) };
        return Last;
    }

    private static FileStream Lock(string folder)
    {
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
