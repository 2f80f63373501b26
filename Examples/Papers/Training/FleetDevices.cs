using System.Collections.Immutable;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>The devices of the fleet, kind after kind: a Pi 3, one that is 1.9 times as fast, a Jetson Nano in two modes.</summary>
internal static class FleetDevices
{
    private const double Pi4Speed = 1.9;        // times that of a Pi 3, by the specification

    /// <summary>The kinds, in the order of tables. Every third device is of the first, the second, and one of the last two.</summary>
    internal static ImmutableArray<FleetDevice> Kinds { get; } =
    [
        Of("pi3", DeviceProfiles.Pi3, LinkProfiles.PiWifi),
        Of("pi3 1.9x", DeviceProfiles.Pi3 with { Speed = Pi4Speed }, LinkProfiles.PiWifi),
        Of("nano", DeviceProfiles.NanoMaxn, LinkProfiles.NanoWifi),
        Of("nano 5 W", DeviceProfiles.Nano5w, LinkProfiles.NanoWifi),
    ];

    /// <summary>The edge server, which has a core like this for each device.</summary>
    internal static DeviceProfile Server { get; } = Rated(DeviceProfiles.EdgeServer);

    /// <summary>The devices of a fleet.</summary>
    internal static ImmutableArray<FleetDevice> Of(int count, LinkProfile? link = null) =>
        [.. Enumerable.Range(0, count).Select(i => Of(i, i % 3 == 2 ? Kinds[2 + (i / 3 % 2)] : Kinds[i % 3], link))];

    private static FleetDevice Of(int i, FleetDevice kind, LinkProfile? link) =>
        kind with { Name = FormattableString.Invariant($"device-{i:00}"), Link = link ?? kind.Link };

    private static FleetDevice Of(string kind, DeviceProfile profile, LinkProfile link) => new(kind, kind, Rated(profile), link);

    /// <summary>The measured times are those of the seven layers of VGG-5, and this network has seven, too: here work goes by its
    /// multiply-adds.</summary>
    private static DeviceProfile Rated(DeviceProfile profile) => profile with { LayerTimes = null };
}
