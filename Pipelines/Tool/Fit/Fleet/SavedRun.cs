using StreamLearn.Simulation;

namespace Tool;

/// <summary>Saves a simulated run periodically and on interruption, and resumes it. <paramref name="from"/>: null to start from the
/// beginning.
/// <paramref name="keep"/>: ensures that the folder still names this job.</summary>
internal sealed class SavedRun(string folder, Checkpoint? from, Action keep)
{
    /// <summary>Saving uses at most this fraction of the time, unless too much would be unsaved.</summary>
    private const int SavesTakePart = 20;

    private static readonly TimeSpan SaveAtMostEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveAtLeastEvery = TimeSpan.FromSeconds(3);

    /// <summary>Run time at the last save; null before the first.</summary>
    internal TimeSpan? SavedAt { get; private set; } = from?.Elapsed;

    internal void Run(VirtualWorld world, Action<string> join, Action between, TimeSpan time, CancellationToken cancellationToken)
    {
        if (from is not null) { Load(world, from, join); }
        var (last, pause) = (TimeProvider.System.GetTimestamp(), SaveAtMostEvery);
        try
        {
            while (world.Elapsed < time)
            {
                SimulatedFleet.RunSlice(world, time, cancellationToken);
                between();
                if (TimeProvider.System.GetElapsedTime(last) < pause) { continue; }
                var begun = TimeProvider.System.GetTimestamp();
                Save(world);
                last = TimeProvider.System.GetTimestamp();
                var share = SavesTakePart * TimeProvider.System.GetElapsedTime(begun, last);
                pause = share < SaveAtMostEvery ? SaveAtMostEvery : share > SaveAtLeastEvery ? SaveAtLeastEvery : share;
            }
        }
        finally
        {
            if (world.Elapsed != SavedAt) { Save(world); }      // at the end, and on interruption
        }
    }

    private void Save(VirtualWorld world)
    {
        Files.Guard($"to {folder}", () => world.Save(folder), " (use another folder with --checkpoint)");
        keep();
        SavedAt = world.Elapsed;
    }

    private void Load(VirtualWorld world, Checkpoint saved, Action<string> join)
    {
        try
        {
            world.Load(saved, join);
        }
        catch (StateException e)
        {
            throw new ProgramException(
                $"--checkpoint: cannot resume from {folder}: {e.Message} {SavedJob.Advice}", ExitCode.DataRefused);
        }
    }
}
