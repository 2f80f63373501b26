using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>The devices of the papers, as planners see them.</summary>
internal static class TestBed
{
    /// <summary>The name of the edge server.</summary>
    internal const string Edge = "edge";

    /// <summary>Rows that each device trains on in a round.</summary>
    internal const int Rows = 10_000;

    private const double Pi4Speed = 1.9;        // times that of a Pi 3, by the specification

    /// <summary>The test bed of FedAdapt: two Pi 3, two Pi 4, a Jetson Nano.</summary>
    internal static ImmutableArray<(string Name, DeviceProfile Profile)> FedAdapt { get; } =
    [
        ("pi3-1", DeviceProfiles.Pi3), ("pi3-2", DeviceProfiles.Pi3),
        ("pi4-1", DeviceProfiles.Pi3 with { Speed = Pi4Speed }), ("pi4-2", DeviceProfiles.Pi3 with { Speed = Pi4Speed }),
        ("nano", DeviceProfiles.NanoMaxn),
    ];

    /// <summary>The mixed fleet of ARES: two Pi 3, three Jetson Nano.</summary>
    internal static ImmutableArray<(string Name, DeviceProfile Profile)> Ares { get; } =
    [
        ("pi3-1", DeviceProfiles.Pi3), ("pi3-2", DeviceProfiles.Pi3),
        ("nano-1", DeviceProfiles.NanoMaxn), ("nano-2", DeviceProfiles.NanoMaxn), ("nano-3", DeviceProfiles.NanoMaxn),
    ];

    /// <summary>Devices of the same kind of link around an edge server.</summary>
    internal static ResourceView View(
        LayerCosts model, double up, double down, params ReadOnlySpan<(string Name, DeviceProfile Profile)> devices)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeView>();
        var links = ImmutableArray.CreateBuilder<LinkView>();
        foreach (var (name, profile) in devices)
        {
            nodes.Add(NodeView.Of(name, profile, model) with { Rows = Rows });
            links.Add(new(name, Edge, up));
            links.Add(new(Edge, name, down));
        }

        nodes.Add(NodeView.Of(Edge, DeviceProfiles.EdgeServer, model));
        return new(nodes.ToImmutable(), links.ToImmutable());
    }

    /// <summary>The view while the links of a device carry something else.</summary>
    internal static ResourceView WithLink(ResourceView view, string device, double up, double down) => view with
    {
        Links = [.. view.Links.Select(link => link.From == device ? link with { BitsPerSecond = up }
            : link.To == device ? link with { BitsPerSecond = down } : link)],
    };
}
