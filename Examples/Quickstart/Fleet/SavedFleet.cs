using StreamLearn;

namespace Quickstart;

/// <summary>A run on real threads, saved: each participant in a folder of its own, at moments of its own.</summary>
/// <param name="folder">The folder of the run.</param>
/// <param name="id">Tells the run from all others at a server.</param>
internal sealed class SavedFleet(string folder, string id) : ISavedRun
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Checkpoint? _from = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName));
    private TimeSpan? _savedAt;

    /// <summary>Tells the run from all others at a server, however often it goes on.</summary>
    internal string Id => id;

    /// <inheritdoc />
    public TimeSpan? SavedAt => _savedAt ?? _from?.Elapsed;

    /// <summary>Time that it had taken before.</summary>
    internal TimeSpan Before => _from?.Elapsed ?? TimeSpan.Zero;

    /// <summary>Starts a participant where it was; one that had ended only shows what it had come to.</summary>
    /// <param name="pipeline">Its pipeline.</param>
    /// <param name="run">How it runs.</param>
    /// <param name="state">What the report gathers of it.</param>
    /// <exception cref="QuickstartException">What was saved does not fit, or its folder cannot be used.</exception>
    internal Participant Start(Pipeline pipeline, RunOptions run, IStateful state)
    {
        var own = FolderOf(folder, pipeline.Name);
        try
        {
            var from = pipeline.Name == Pipelines.AggregatorName ? _from : SavedJob.Newest(own);
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
            throw new QuickstartException(
                $"--checkpoint: cannot go on from {own}: {e.Message} (name another folder, or delete it to begin anew)",
                ExitCode.DataRefused);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"--checkpoint: cannot use {own}: {e.Message}", ExitCode.CannotWrite);
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
                throw new QuickstartException($"--checkpoint: cannot write to {FolderOf(folder, name)}: {e.Message}", ExitCode.CannotWrite);
            }
        }

        _savedAt = SavedJob.Newest(FolderOf(folder, Pipelines.AggregatorName))?.Elapsed;
    }

    private static string FolderOf(string folder, string participant) => Path.Join(folder, participant);

}

/// <summary>A participant of a fleet on real threads: its run, or what it had come to before.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Run">Its run; null: it had ended.</param>
/// <param name="Metrics">What it has counted, over all its runs.</param>
internal sealed record Participant(string Name, PipelineRun? Run, RunMetrics Metrics)
{
    internal Participant(PipelineRun run)
        : this(run.Pipeline.Name, run, run.Metrics) { }

    internal Task Completion => Run?.Completion ?? Task.CompletedTask;

    internal string? Failure => Completion.Exception?.InnerException?.Message;
}
