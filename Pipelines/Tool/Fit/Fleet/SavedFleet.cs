using StreamLearn;

namespace Tool;

/// <summary>A saved threaded run: each participant has its own folder and save times. <paramref name="keep"/>: ensures that the folder
/// still names this job.</summary>
internal sealed class SavedFleet(string folder, string id, Action keep) : ISavedRun, ISavedFleet
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Checkpoint? _from = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName));
    private readonly List<string> _lines = [];
    private readonly List<string> _older = [];
    private TimeSpan? _savedAt;
    private bool _fails;

    /// <summary>Unique at a server, stable over restarts.</summary>
    internal string Id => id;

    public TimeSpan? SavedAt => _savedAt ?? _from?.Elapsed;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) { return [.. _lines]; }
        }
    }

    public IReadOnlyList<string> Older => _older;

    /// <summary>Created before any run, so a missing folder was removed.</summary>
    /// <exception cref="ProgramException">It cannot be written to.</exception>
    internal static void Make(string folder, IEnumerable<string> participants) => Files.Guard($"to {folder}", () =>
    {
        foreach (var participant in participants) { Directory.CreateDirectory(FolderOf(folder, participant)); }
    }, " (use another folder with --checkpoint)");

    /// <summary>Names a missing checkpoint; null: all exist.</summary>
    internal static string? MissingIn(string folder, IEnumerable<string> participants) =>
        participants.Select(p => FolderOf(folder, p)).FirstOrDefault(static f => !Directory.Exists(f));

    /// <summary>Time of earlier runs.</summary>
    internal TimeSpan Before => _from?.Elapsed ?? TimeSpan.Zero;

    /// <summary>Resumes a participant; an ended one only shows its result.</summary>
    /// <exception cref="ProgramException">The saved state does not fit, or its folder cannot be used.</exception>
    internal Participant Start(Pipeline pipeline, RunOptions run, IStateful state)
    {
        var own = FolderOf(folder, pipeline.Name);
        try
        {
            var from = pipeline.Name == Pipelines.AggregatorName ? _from : SavedJob.Newest(own);
            if (from is { PassedOver: [var damaged, ..] })
            {
                _older.Add(pipeline.Name);
                Tell($"  saved    {pipeline.Name} resumes from checkpoint {from.Number} and repeats later work ({damaged})");
            }

            if (from is not { HasEnded: true })
            {
                return new(pipeline.Start(run with
                {
                    Checkpoints = new(own) { Every = Every, Keep = 2, State = state },
                    StartFrom = from,
                }));
            }

            from.LoadState(state);
            return new(pipeline.Name, null, from.ReadMetrics());
        }
        catch (StateException e)
        {
            throw new ProgramException(
                $"--checkpoint: cannot resume from {own}: {e.Message} {SavedJob.Advice}", ExitCode.DataRefused);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"--checkpoint: cannot use {own}: {e.Message}", ExitCode.CannotWrite);
        }
    }

    internal async Task StopAsync(IEnumerable<Participant> participants)
    {
        foreach (var (name, run, _) in participants)
        {
            if (run is null) { continue; }
            try
            {
                await run.StopAsync().ConfigureAwait(false);
            }
            catch (InvalidOperationException)
            {
                // It ended or failed and is saved as it was.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProgramException($"--checkpoint: cannot write to {FolderOf(folder, name)}: {e.Message}", ExitCode.CannotWrite);
            }
        }

        _savedAt = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName))?.Elapsed;
    }

    /// <summary>Reports when saving fails and works again.</summary>
    internal void Look(IEnumerable<Participant> participants, TimeSpan now)
    {
        Exception? failure = null;
        foreach (var participant in participants) { failure ??= participant.Run?.CheckpointFailure; }
        if (failure is null) { keep(); }
        if (failure is not null == _fails) { return; }
        _fails = failure is not null;
        var what = failure is null
            ? "saving works again"
            : $"SAVING FAILS, so held messages are not sent: {failure.Message.ReplaceLineEndings(" ")}";
        Tell(FormattableString.Invariant($"{now.TotalSeconds:0.0} s  {what}"));
    }

    private void Tell(string line)
    {
        lock (_lines) { _lines.Add(line); }
    }

    private static string FolderOf(string folder, string participant) => Path.Join(folder, participant);
}

/// <summary><paramref name="Run"/>: null if it had ended. <paramref name="Metrics"/>: over all runs.</summary>
internal sealed record Participant(string Name, PipelineRun? Run, RunMetrics Metrics)
{
    internal Participant(PipelineRun run)
        : this(run.Pipeline.Name, run, run.Metrics) { }

    internal Task Completion => Run?.Completion ?? Task.CompletedTask;

    internal string? Failure => Completion.Exception?.InnerException?.Message;
}
