using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A medium that devices share, such as a radio channel, created by <see cref="VirtualWorld.Share"/>. It carries one transfer at a
/// time, in either direction.</summary>
public sealed class VirtualMedium
{
    internal VirtualMedium(string name, LinkProfile profile, ImmutableArray<string> devices, long seed)
    {
        (Name, Profile, Devices) = (name, profile, devices);
        Queue = new(profile, profile.UpBitsPerSecond, new(seed, "medium", name));
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The medium's rate, delay and outages.</summary>
    public LinkProfile Profile { get; }

    /// <summary>The names of the devices that share it.</summary>
    public ImmutableArray<string> Devices { get; }

    /// <summary>The medium's traffic for all devices.</summary>
    public LinkUse Use => Queue.Use;

    internal LinkDirection Queue { get; }

    internal void State(ref StateStream s)
    {
        if (s.Value(Name) is var name && name != Name) { throw new StateException($"expected medium '{Name}', got '{name}'"); }
        Queue.State(ref s);
    }
}
