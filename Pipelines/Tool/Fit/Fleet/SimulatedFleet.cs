using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>Runs the fleet in a virtual world, for a length of virtual time, with its failures.</summary>
internal static class SimulatedFleet
{
    private const int EventsPerLook = 2048;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    /// <param name="run">The fleet.</param>
    /// <param name="time">How long it runs, in virtual time.</param>
    /// <param name="look">Shows the fleet, from time to time.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <param name="add">Adds others to the world; null: nobody.</param>
    /// <param name="saved">Where it is saved, and what it goes on from; null: nowhere, and nothing.</param>
    internal static RunningFleet Run(
        FleetRun run, TimeSpan time, Action<RunningFleet> look, CancellationToken cancellationToken, Action<VirtualWorld>? add = null,
        SavedRun? saved = null)
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
            var edge = EdgeLink.Over(world.Transport("edge"));
            var aggregator = world.Add(Pipelines.Aggregator(run, edge, watch));
            var devices = run.Source.Devices.Select((name, i) => new DeviceLives(world, run, edge, watch, name, i)).ToList();
            fleet = new(run.Mode, world.Now, [.. devices.Select(d => d.Member)], aggregator.Metrics, watch,
                () => world.Elapsed, IsVirtual: true, () => world.Events)
            {
                UpdatesPerVersion = Pipelines.UpdatesPerVersion(run),
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

            world.AddState("fleet", new FleetState(fleet, devices));
            if (saved is null) { world.RunFor(time, cancellationToken); }
            else { saved.Run(world, name => devices.Find(d => d.Name == name)?.Begin(), time, cancellationToken); }
            FleetEvents.Sample(fleet, time);
            fleet.CutOff = CutOff.Of(fleet, time);
            world.Drain(cancellationToken);
            fleet.CutOff = fleet.CutOff.Ended(fleet);
            if (aggregator.Failure is { } failed) { throw new ProgramException(failed.Message, ExitCode.Failed); }
            return fleet;
        }
    }
}

/// <summary>A device of the world, through crashes and new starts.</summary>
internal sealed class DeviceLives
{
    private static readonly TimeSpan NextTry = TimeSpan.FromMilliseconds(100);

    private readonly VirtualWorld _world;
    private readonly FleetRun _run;
    private readonly EdgeLink _edge;
    private readonly FleetWatch _watch;
    private readonly List<VirtualDevice> _lives = [];

    internal DeviceLives(VirtualWorld world, FleetRun run, EdgeLink edge, FleetWatch watch, string name, int index)
    {
        (_world, _run, _edge, _watch, Name, Index) = (world, run, edge, watch, name, index);
        Begin();
        Member = new(name, _lives[0].Profile.Speed, () => [.. _lives.Select(d => d.Metrics)],
            () => _lives.Select(d => d.Failure?.Message).FirstOrDefault(f => f is not null), StateOf, () => _lives[^1].EndedAt,
            () => _lives.Sum(d => d.BytesDown));
    }

    internal string Name { get; }

    internal int Index { get; }

    internal FleetMember Member { get; }

    /// <summary>True from a crash to the next start.</summary>
    internal bool HasCrashed { get; set; }

    internal void Suffer(FailureKind kind)
    {
        switch (kind)
        {
            case FailureKind.Crash:
                _lives[^1].Crash();
                HasCrashed = true;
                break;
            case FailureKind.Leave:
                _lives[^1].Leave();
                break;
            case FailureKind.Rejoin when !HasCrashed && _lives[^1].EndedAt is null:     // over a slow link, leaving takes its time
                _world.At(_world.Elapsed + NextTry, () => Suffer(kind));
                break;
            default:
                Begin();
                HasCrashed = false;
                break;
        }
    }

    /// <summary>Starts the device, or starts it again.</summary>
    internal void Begin()
    {
        var (profile, link) = _run.Scenario.ProfileOf(Name, Index, _run.Seed);
        _lives.Add(_world.Add(Pipelines.Sensor(_run, new(Name, Index, _lives.Count, _world.Elapsed), _edge, _watch), profile, link));
    }

    private string StateOf() => DeviceState.Of(_lives[^1].Failure is not null, HasCrashed, _lives.Select(d => d.Metrics),
        _lives[^1].Profile.Speed, _lives.Count, _lives[^1].EndedAt is not null);
}
