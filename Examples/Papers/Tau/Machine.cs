using StreamLearn;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>A machine of a virtual world, over all its starts.</summary>
internal sealed class Machine
{
    private readonly VirtualWorld _world;
    private readonly Pipeline _pipeline;
    private readonly DeviceProfile _profile;
    private readonly LinkProfile? _link;
    private readonly DeviceCheckpoints? _checkpoints;

    /// <summary>Starts it for the first time. <paramref name="link"/>: its link; null: without limit. <paramref name="checkpoints"/>: when
    /// it saves its state; null: never.</summary>
    internal Machine(VirtualWorld world, Pipeline pipeline, DeviceProfile profile, LinkProfile? link, DeviceCheckpoints? checkpoints)
    {
        (_world, _pipeline, _profile, _link, _checkpoints) = (world, pipeline, profile, link, checkpoints);
        Device = Start(null);
    }

    /// <summary>The machine since its last start.</summary>
    internal VirtualDevice Device { get; private set; }

    /// <summary>Starts after the first one that went on from its disk.</summary>
    internal int Restarts { get; private set; }

    /// <summary>Crashes, and goes on from its disk after a while; one that is away already does nothing.</summary>
    internal void Crash(TimeSpan away)
    {
        if (Device.EndedAt is not null) { return; }
        var saved = Device.LastCheckpoint;
        Device.Crash();
        _world.At(_world.Elapsed + away, () =>
        {
            Device = Start(saved);
            if (saved is not null) { Restarts++; }
        });
    }

    private VirtualDevice Start(Checkpoint? saved) => _world.Add(_pipeline, _profile, _link, _checkpoints, saved);
}
