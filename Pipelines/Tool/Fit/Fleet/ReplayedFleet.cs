using StreamLearn;
using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool;

internal static class ReplayedFleet
{
    internal static RunningFleet Run(FleetRun run, FileInfo recording)
    {
        var watch = new FleetWatch();
        var edge = EdgeLink.Over(new InProcessTransport("edge"));
        List<Pipeline> pipelines = [Pipelines.Aggregator(run, edge, watch)];
        pipelines.AddRange(run.Source.Devices.Select((d, i) => Pipelines.Sensor(run, new(d, i, 0, TimeSpan.Zero), edge, watch)));
        try
        {
            Recording.Require(recording);
            using var reader = Recording.Open(recording);
            using var replay = RunReplay.Run(reader, pipelines, run.Seed);
            var failures = replay.Failures.DistinctBy(f => f.Pipeline)
                .ToDictionary(f => f.Pipeline, f => f.Message, StringComparer.Ordinal);
            if (failures.TryGetValue(Pipelines.AggregatorName, out var failure))
            {
                throw new ProgramException(failure, ExitCode.Failed);
            }
            var metrics = replay.Metrics.ToDictionary(m => m.Pipeline, StringComparer.Ordinal);
            var members = run.Source.Devices.Select(d => new FleetMember(d, 1, () => [metrics[d]], () => failures.GetValueOrDefault(d),
                () => DeviceState.Of(failures.ContainsKey(d), crashed: false, [metrics[d]], 1, starts: 1, ended: true), static () =>
                    null, static () => 0)).ToList();
            var calls = replay.Calls;
            var began = watch.Rounds.FirstOrDefault()?.StartedAt ?? default;
            var fleet = new RunningFleet(run.Mode, began, members, metrics[Pipelines.AggregatorName], watch, static () =>
                TimeSpan.Zero, IsVirtual: false,
                () => calls)
            {
                UpdatesPerVersion = FleetSettings.UpdatesPerVersion(run),
            };
            var end = watch.Newest is { } newest ? newest.Ended - began : default;
            FleetEvents.Sample(fleet, end);
            fleet.CutOff = CutOff.Of(fleet, end).Ended(fleet);
            return fleet;
        }
        catch (ReplayException e)
        {
            throw new ProgramException(
                $"{recording}: {e.Message}; or it was recorded with other options", ExitCode.DataRefused);
        }
    }
}
