using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>A device that answers requests with a server's help, as planners see it.</summary>
internal static class InferBed
{
    /// <summary>The name of the device.</summary>
    internal const string Device = "device";

    /// <summary>The name of the server.</summary>
    internal const string Server = "server";

    /// <summary>The devices of the tables.</summary>
    internal static ImmutableArray<(string Name, DeviceProfile Profile)> Devices { get; } =
        [("pi3", DeviceProfiles.Pi3), ("nano", DeviceProfiles.NanoMaxn)];

    /// <summary>A device and a server of the edge.</summary>
    internal static ResourceView View(LayerCosts model, DeviceProfile device, double up, double down, double load) => new(
        [NodeView.Of(Device, device, model) with { Rows = 1 }, NodeView.Of(Server, DeviceProfiles.EdgeServer, model) with { Load = load }],
        [new(Device, Server, up), new(Server, Device, down)]);
}
