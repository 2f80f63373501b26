using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

/// <summary>A run on real threads, saved: each participant in a folder of its own, at moments of its own. <paramref name="id"/>: tells the
/// run from all others at a server. <paramref name="keep"/>: makes sure that the folder still says which job this is.</summary>
internal sealed class SavedFleet(string folder, string id, Action keep) : ISavedRun
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Checkpoint? _from = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName));
    private readonly List<string> _lines = [];
    private readonly List<string> _older = [];
    private TimeSpan? _savedAt;
    private bool _fails;

    /// <summary>Tells the run from all others at a server, however often it goes on.</summary>
    internal string Id => id;

    public TimeSpan? SavedAt => _savedAt ?? _from?.Elapsed;

    /// <summary>What there was to tell of saving, in lines for people.</summary>
    internal List<string> Lines
    {
        get
        {
            lock (_lines) { return [.. _lines]; }
        }
    }

    /// <summary>Participants whose newest checkpoint was damaged: what they did after the one before, they do again.</summary>
    internal IReadOnlyList<string> Older => _older;

    /// <summary>Makes a folder for each participant before any of them runs: one that is missing later was taken away.</summary>
    /// <exception cref="ProgramException">It cannot be written to.</exception>
    internal static void Make(string folder, IEnumerable<string> participants) => Files.Guard($"to {folder}", () =>
    {
        foreach (var participant in participants) { Directory.CreateDirectory(FolderOf(folder, participant)); }
    }, " (--checkpoint names another folder)");

    /// <summary>Finds a participant whose folder was taken away; null: all are there.</summary>
    internal static string? MissingIn(string folder, IEnumerable<string> participants) =>
        participants.Select(p => FolderOf(folder, p)).FirstOrDefault(static f => !Directory.Exists(f));

    /// <summary>Time that it had taken before.</summary>
    internal TimeSpan Before => _from?.Elapsed ?? TimeSpan.Zero;

    /// <summary>Starts a participant where it was; one that had ended only shows what it had come to.</summary>
    /// <exception cref="ProgramException">What was saved does not fit, or its folder cannot be used.</exception>
    internal Participant Start(Pipeline pipeline, RunOptions run, IStateful state)
    {
        var own = FolderOf(folder, pipeline.Name);
        try
        {
            var from = pipeline.Name == Pipelines.AggregatorName ? _from : SavedJob.Newest(own);
            if (from is { PassedOver: [var damaged, ..] })
            {
                _older.Add(pipeline.Name);
                Tell($"  saved    {pipeline.Name} goes on from checkpoint {from.Number}, and does again what came after it ({damaged})");
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
                $"--checkpoint: cannot go on from {own}: {e.Message} {SavedJob.Advice}", ExitCode.DataRefused);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"--checkpoint: cannot use {own}: {e.Message}", ExitCode.CannotWrite);
        }
    }

    /// <summary>Saves all participants that have not ended, and stops them.</summary>
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
                // It has come to its end, or has failed: it is saved as it was then.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProgramException($"--checkpoint: cannot write to {FolderOf(folder, name)}: {e.Message}", ExitCode.CannotWrite);
            }
        }

        _savedAt = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName))?.Elapsed;
    }

    /// <summary>Tells when saving begins to fail, and when it works again.</summary>
    internal void Look(IEnumerable<Participant> participants, TimeSpan now)
    {
        Exception? failure = null;
        foreach (var participant in participants) { failure ??= participant.Run?.CheckpointFailure; }
        if (failure is null) { keep(); }
        if (failure is not null == _fails) { return; }
        _fails = failure is not null;
        var what = failure is null
            ? "saving works again"
            : $"SAVING FAILS, and what waits for it is not sent: {failure.Message.ReplaceLineEndings(" ")}";
        Tell(FormattableString.Invariant($"{now.TotalSeconds:0.0} s  {what}"));
    }

    private void Tell(string line)
    {
        lock (_lines) { _lines.Add(line); }
    }

    private static string FolderOf(string folder, string participant) => Path.Join(folder, participant);
}

/// <summary>A participant of a fleet on real threads: its run, or what it had come to before. <paramref name="Run"/>: its run; null: it had
/// ended. <paramref name="Metrics"/>: what it has counted, over all its runs.</summary>
internal sealed record Participant(string Name, PipelineRun? Run, RunMetrics Metrics)
{
    internal Participant(PipelineRun run)
        : this(run.Pipeline.Name, run, run.Metrics) { }

    internal Task Completion => Run?.Completion ?? Task.CompletedTask;

    internal string? Failure => Completion.Exception?.InnerException?.Message;
}
