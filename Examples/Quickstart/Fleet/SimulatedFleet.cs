using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>Runs the fleet in a virtual world.</summary>
internal static class SimulatedFleet
{
    private const int EventsPerLook = 2048;

    internal static RunningFleet Run(QuickstartOptions options, FleetSource source, Scenario scenario,
        IModel model, TestRows test, Action<RunningFleet> look, CancellationToken cancellationToken)
    {
        RunningFleet? fleet = null;
        var events = 0;
        var world = new VirtualWorld(new()
        {
            Seed = options.Seed,
            Trace = _ =>
            {
                if (++events % EventsPerLook == 0 && fleet is not null) { look(fleet); }
            },
        });
        using (world)
        {
            var watch = new FleetWatch();
            var edge = world.Transport("edge");
            var aggregator = world.Add(Pipelines.Aggregator(source, model, options, edge, test, watch));
            List<FleetMember> members = [];
            for (var i = 0; i < source.Devices.Length; i++)
            {
                var (profile, link) = scenario.ProfileOf(source.Devices[i], i, options.Seed);
                var device = world.Add(Pipelines.Sensor(source.Devices[i], source, model, options, edge, watch), profile, link);
                members.Add(
                    new(device.Name, profile.Speed, device.Metrics, () => device.Failure?.Message,
                        () => device.EndedAt is not null, () => device.EndedAt));
            }

            fleet = new(members, aggregator.Metrics, watch, () => world.Elapsed, IsVirtual: true, () => world.Events);
            world.RunToEnd(cancellationToken);
            if (aggregator.Failure is { } failure) { throw new QuickstartException(failure.Message, ExitCode.Failed); }
            return fleet;
        }
    }
}
