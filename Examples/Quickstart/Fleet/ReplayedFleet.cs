using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Repeats a recorded run of the dataflow host.</summary>
internal static class ReplayedFleet
{
    internal static RunningFleet Run(QuickstartOptions options, FleetSource source, IModel model, TestRows test)
    {
        var watch = new FleetWatch();
        var edge = new InProcessTransport("edge");
        List<Pipeline> pipelines = [Pipelines.Aggregator(source, model, options, edge, test, watch)];
        pipelines.AddRange(source.Devices.Select(d => Pipelines.Sensor(d, source, model, options, edge, watch)));
        try
        {
            using var reader = Files.Open(options.Replay!);
            using var replay = RunReplay.Run(reader, pipelines, options.Seed);
            var failures = replay.Failures.DistinctBy(f => f.Pipeline)
                .ToDictionary(f => f.Pipeline, f => f.Message, StringComparer.Ordinal);
            if (failures.TryGetValue(Pipelines.AggregatorName, out var failure))
            {
                throw new QuickstartException(failure, ExitCode.Failed);
            }
            var metrics = replay.Metrics.ToDictionary(m => m.Pipeline, StringComparer.Ordinal);
            var members = source.Devices.Select(
                d => new FleetMember(d, 1, metrics[d], () => failures.GetValueOrDefault(d), static () => true, static () => null)).ToList();
            var calls = replay.Calls;
            return new(members, metrics[Pipelines.AggregatorName], watch, static () => TimeSpan.Zero, IsVirtual: true, () => calls);
        }
        catch (ReplayException e)
        {
            throw new QuickstartException($"{options.Replay}: {e.Message}", ExitCode.DataRefused);
        }
    }
}
