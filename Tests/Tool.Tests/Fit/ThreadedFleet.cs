using StreamLearn.Programs;

namespace Tool.Tests;

/// <summary>A fleet on real threads, in one process, to its end.</summary>
internal static class ThreadedFleet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary><paramref name="sendsRows"/>: rows go from sensor to device over the transport.</summary>
    internal static async Task<FleetWatch> RunAsync(FleetRun run, RunRecorder? recorder = null, bool sendsRows = false)
    {
        var (edge, watch) = (new InProcessTransport("edge"), new FleetWatch());
        RunOptions options = new() { Seed = run.Seed, Pace = Pace.AsFastAsPossible, Recorder = recorder };
        var pipelines = Of(run, EdgeLink.Over(edge) with { Rows = sendsRows ? edge : null }, watch);
        var runs = pipelines.ConvertAll(p => p.Start(options, TestContext.Current.CancellationToken));
        try
        {
            await Task.WhenAll(runs.Skip(1).Select(static r => r.Completion)).WaitAsync(Patience, TimeProvider.System);
            await runs[0].DrainAsync().WaitAsync(Patience, TimeProvider.System);
            return watch;
        }
        finally
        {
            foreach (var one in runs) { await one.DisposeAsync(); }
        }
    }

    /// <summary>The aggregator is first.</summary>
    internal static List<Pipeline> Of(FleetRun run, EdgeLink edge, FleetWatch watch) =>
    [
        Pipelines.Aggregator(run, edge, watch),
        .. run.Source.Devices.Select((name, i) => Pipelines.Sensor(run, new(name, i, 0, TimeSpan.Zero), edge, watch)),
    ];
}
