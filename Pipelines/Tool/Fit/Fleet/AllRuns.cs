using StreamLearn.Simulation;

namespace Tool;

internal static class AllRuns
{
    internal const double DefaultSeconds = 300;

    internal static async Task<List<FinishedRun>> RunAsync(
        JobOptions options, List<FleetRun> runs, Action<RunningFleet> look, CancellationToken cancellationToken,
        SavedJob? saved = null)
    {
        if (!options.IsVirtual)
        {
            List<FinishedRun> finished = [];
            foreach (var run in runs)
            {
                finished.Add(await RunRealAsync(options, run, look, saved?.FleetOf(run), cancellationToken).ConfigureAwait(false));
            }

            return finished;
        }

        var time = LengthOf(options, runs[0].Scenario);
        var results = new FinishedRun[runs.Count];
        await Parallel.ForAsync(0, runs.Count, cancellationToken, (i, stop) =>
        {
            var started = TimeProvider.System.GetTimestamp();
            var fleet = SimulatedFleet.Run(runs[i], time, look, stop, saved: saved?.WorldOf(runs[i]));
            results[i] = new(fleet, fleet.WallBefore + TimeProvider.System.GetElapsedTime(started), Judging.Grid(fleet, time));
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return [.. results];
    }

    internal static TimeSpan LengthOf(JobOptions options, Scenario scenario) =>
        TimeSpan.FromSeconds(options.Seconds ?? scenario.RunSeconds ?? DefaultSeconds);

    private static async Task<FinishedRun> RunRealAsync(JobOptions options, FleetRun run, Action<RunningFleet> look,
        SavedFleet? saved, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var fleet = options.Replay is { } recording
            ? ReplayedFleet.Run(run, recording)
            : options.Link is { } server
                ? await LinkedFleet.RunAsync(run, server, options, look, cancellationToken, saved).ConfigureAwait(false)
                : await DataflowFleet.RunAsync(run, FleetLinks.InProcess(isSaved: saved is not null), options.Recording,
                    DataflowFleet.Standstill, look, cancellationToken, saved).ConfigureAwait(false);
        return new(fleet, fleet.WallBefore + TimeProvider.System.GetElapsedTime(started), Judging.Versions(fleet));
    }
}
