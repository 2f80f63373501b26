using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Runs the fleet in the dataflow host, as fast as it goes. Links are not emulated; a slow device waits after each of its
/// calls.</summary>
internal static class DataflowFleet
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    internal static async Task<RunningFleet> RunAsync(
        QuickstartOptions options, FleetSource source, Scenario scenario, IModel model,
        TestRows test, Action<RunningFleet> look, CancellationToken cancellationToken)
    {
        var watch = new FleetWatch();
        var edge = new InProcessTransport("edge");
        await using var _ = edge.ConfigureAwait(false);
        using var recorder = options.Record is { } file ? new RunRecorder(Files.Create(file)) : null;
        var run = new RunOptions { Seed = options.Seed, Pace = Pace.AsFastAsPossible, Recorder = recorder };
        var started = run.TimeProvider.GetTimestamp();
        var aggregator = Pipelines.Aggregator(source, model, options, edge, test, watch).Start(run, cancellationToken);
        await using var __ = aggregator.ConfigureAwait(false);
        List<FleetMember> members = [];
        List<PipelineRun> devices = [];
        for (var i = 0; i < source.Devices.Length; i++)
        {
            var (profile, _) = scenario.ProfileOf(source.Devices[i], i, options.Seed);
            var pipeline = Pipelines.Sensor(source.Devices[i], source, model, options, edge, watch);
            var device = pipeline.Start(run with { Slowdown = Math.Max(1, 1 / profile.Speed) }, cancellationToken);
            devices.Add(device);
            members.Add(
                new(pipeline.Name, profile.Speed, device.Metrics, () => FailureOf(device),
                    () => device.Completion.IsCompleted, () => null));
        }

        var fleet = new RunningFleet(members, aggregator.Metrics, watch,
            () => run.TimeProvider.GetElapsedTime(started), IsVirtual: false, () => Calls(devices, aggregator));
        try
        {
            await FinishAsync(devices, aggregator, () => look(fleet), run.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var device in devices) { await device.DisposeAsync().ConfigureAwait(false); }
        }

        return fleet;
    }

    private static async Task FinishAsync(
        List<PipelineRun> devices, PipelineRun aggregator, Action look, TimeProvider time, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(devices.Select(d => d.Completion));
        while (await Task.WhenAny(all, aggregator.Completion, Task.Delay(LookEvery, time, cancellationToken)).ConfigureAwait(false) != all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (aggregator.Completion.IsCompleted) { break; }
            look();
        }

        try
        {
            await aggregator.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BlockFailedException e)
        {
            throw new QuickstartException(e.Message, ExitCode.Failed);
        }
    }

    private static string? FailureOf(PipelineRun run) => run.Completion.Exception?.InnerException?.Message;

    private static long Calls(List<PipelineRun> devices, PipelineRun aggregator) =>
        devices.Append(aggregator).Sum(r => r.Metrics.Blocks.Sum(b => b.ItemsIn + b.Controls));
}
