using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

/// <summary>Runs a world to a time in slices, for saving it between them. <paramref name="join"/>: restarts a device that the saved state
/// has. <paramref name="between"/>: called after each slice.</summary>
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
            var devices = run.Source.Devices.Select((name, i) => new DeviceLives(world, run, edge, watch, name, i)).ToList();
            fleet = new(run.Mode, world.Now, [.. devices.Select(d => d.Member)], aggregator.Metrics, watch,
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

            world.AddState("fleet", new FleetState(fleet, devices));
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

/// <summary>A device through crashes and restarts.</summary>
internal sealed class DeviceLives
{
    private static readonly TimeSpan NextTry = TimeSpan.FromMilliseconds(100);

    private readonly VirtualWorld _world;
    private readonly FleetRun _run;
    private readonly ITransport _edge;
    private readonly FleetWatch _watch;
    private readonly List<VirtualDevice> _lives = [];

    internal DeviceLives(VirtualWorld world, FleetRun run, ITransport edge, FleetWatch watch, string name, int index)
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

    internal bool HasCrashed { get; set; }

    /// <summary>True until it has left; leaving takes time over a slow link.</summary>
    internal bool IsToRejoin { get; set; }

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
            default:
                IsToRejoin = true;
                RejoinIfDue();
                break;
        }
    }

    /// <summary>Restarts it once it has left. Checked between slices, since a plan made within a run cannot be saved.</summary>
    internal void RejoinIfDue()
    {
        if (!IsToRejoin || (!HasCrashed && _lives[^1].EndedAt is null)) { return; }
        Begin();
        (IsToRejoin, HasCrashed) = (false, false);
    }

    /// <summary>Rejoins devices at the end of the run, which is not interrupted.</summary>
    internal void RejoinWhenDue()
    {
        RejoinIfDue();
        if (IsToRejoin) { _world.At(_world.Elapsed + NextTry, RejoinWhenDue); }
    }

    internal void Begin()
    {
        var (profile, link) = _run.Scenario.ProfileOf(Name, Index, _run.Seed);
        _lives.Add(_world.Add(_run.Pipelines.Sensor(_run, new(Name, Index, _lives.Count, _world.Elapsed), _edge, _watch), profile, link));
    }

    private string StateOf() => DeviceState.Of(_lives[^1].Failure is not null, HasCrashed, _lives.Select(d => d.Metrics),
        _lives[^1].Profile.Speed, _lives.Count, _lives[^1].EndedAt is not null);
}
