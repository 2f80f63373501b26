using System.Collections.Immutable;

namespace Partition;

/// <summary>Where a fleet is when a round ends.</summary>
internal sealed record FleetPoint(TimeSpan At, ImmutableArray<DeviceUse> Devices, string Sha256, double Accuracy)
{
    /// <summary>Energy of all devices.</summary>
    internal double Joules => Devices.Sum(static use => use.Joules);

    /// <summary>Bytes that their links have carried from them.</summary>
    internal long BytesUp => Devices.Sum(static use => use.BytesUp);

    /// <summary>Bytes that their links have carried to them.</summary>
    internal long BytesDown => Devices.Sum(static use => use.BytesDown);
}
