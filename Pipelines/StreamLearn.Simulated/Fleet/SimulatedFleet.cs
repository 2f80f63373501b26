using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

/// <summary>Runs a simulation to a time in slices, so that it can be saved between them. <paramref name="join"/>: restarts a device that
/// the saved state contains. <paramref name="between"/>: called after each slice.</summary>
internal delegate void DriveWorld(
    VirtualWorld world, Action<string> join, Action between, TimeSpan time, CancellationToken cancellationToken);

internal static class SimulatedFleet
{
    private const int EventsPerLook = 2048;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    internal static RunningFleet Run(
        FleetRun run, TimeSpan time, Action<RunningFleet> look, CancellationToken cancellationToken, Action<VirtualWorld>? add = null,
        DriveWorld? drive = null)
    {
        RunningFleet? fleet = null;
        var events = 0;
        var world = new VirtualWorld(new()
        {
            Seed = run.Seed,
            Trace = _ =>
            {
                if (++events % EventsPerLook == 0 && fleet is { CutOff: null }) { look(fleet); }
            },
        });
        using (world)
        {
            var watch = new FleetWatch();
            var edge = world.Transport("edge");
            var aggregator = world.Add(run.Pipelines.Aggregator(run, edge, watch));
            var devices = run.Source.Devices.Select((name, i) => new FleetMember(world, run, edge, watch, name, i)).ToList();
            fleet = new(run.Mode, world.Now, devices, aggregator.Metrics, watch,
                () => world.Elapsed, () => world.Events)
            {
                UpdatesPerVersion = FleetSettings.UpdatesPerVersion(run),
            };
            add?.Invoke(world);
            foreach (var failure in run.Scenario.Failures)
            {
                var device = devices.Find(d => failure.Hits(d.Name, d.Index));
                if (device is null) { continue; }
                world.At(TimeSpan.FromSeconds(failure.AtSeconds), () =>
                {
                    device.Suffer(failure.Kind);
                    FleetEvents.Note(fleet, world.Elapsed, device.Name, failure.Kind);
                });
            }

            for (var at = TimeSpan.Zero; at < time; at += SampleEvery)
            {
                var moment = at;
                world.At(at, () => FleetEvents.Sample(fleet, moment));
            }

            world.AddState("fleet", new FleetState(fleet));
            void Rejoin() => devices.ForEach(static d => d.RejoinIfDue());
            drive?.Invoke(world, name => devices.Find(d => d.Name == name)?.Begin(), Rejoin, time, cancellationToken);

            while (world.Elapsed < time)
            {
                RunSlice(world, time, cancellationToken);
                Rejoin();
            }

            FleetEvents.Sample(fleet, time);
            fleet.CutOff = CutOff.Of(fleet, time);
            devices.ForEach(static d => d.RejoinWhenDue());
            world.Drain(cancellationToken);
            fleet.CutOff = fleet.CutOff.Ended(fleet);
            if (aggregator.Failure is { } failed) { throw new ProgramException(failed.Message, ExitCode.Failed); }
            return fleet;
        }
    }

    /// <summary>Slices end at the same times despite interruptions.</summary>
    internal static void RunSlice(VirtualWorld world, TimeSpan time, CancellationToken cancellationToken)
    {
        var next = new TimeSpan(((world.Elapsed.Ticks / Slice.Ticks) + 1) * Slice.Ticks);
        world.RunFor((next < time ? next : time) - world.Elapsed, cancellationToken);
    }
}
