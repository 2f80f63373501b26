using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class SimulatedRuns
{
    internal const double DefaultSeconds = 300;

    internal static async Task<List<FinishedRun>> RunAsync(FleetOptions options, List<FleetRun> runs, Action<RunningFleet> look,
        CancellationToken cancellationToken, Func<FleetRun, DriveWorld>? saved = null)
    {
        var time = LengthOf(options, runs[0].Scenario);
        var results = new FinishedRun[runs.Count];
        await Parallel.ForAsync(0, runs.Count, cancellationToken, (i, stop) =>
        {
            var started = TimeProvider.System.GetTimestamp();
            var fleet = SimulatedFleet.Run(runs[i], time, look, stop, drive: saved?.Invoke(runs[i]));
            results[i] = new(fleet, fleet.WallBefore + TimeProvider.System.GetElapsedTime(started), Judging.Grid(fleet, time))
            {
                BestAt = runs[i].BestAt,
            };
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return [.. results];
    }

    internal static TimeSpan LengthOf(FleetOptions options, Scenario scenario) =>
        TimeSpan.FromSeconds(options.Seconds ?? scenario.RunSeconds ?? DefaultSeconds);
}
