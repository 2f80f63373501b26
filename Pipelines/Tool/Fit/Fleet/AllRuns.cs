namespace Tool;

internal static class AllRuns
{
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

        return await SimulatedRuns.RunAsync(
            options, runs, look, cancellationToken, saved is null ? null : run => saved.WorldOf(run).Run).ConfigureAwait(false);
    }

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
