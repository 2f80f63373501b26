using System.Collections.Immutable;

namespace Partition;

/// <summary>Where a fleet is when a round ends.</summary>
/// <param name="At">Virtual time since the start.</param>
/// <param name="Devices">What each device has taken until then.</param>
/// <param name="Sha256">The bits of the version that was made.</param>
/// <param name="Accuracy">The accuracy of the model in use with people whom no device has seen; NaN: nobody judges.</param>
internal sealed record FleetPoint(TimeSpan At, ImmutableArray<DeviceUse> Devices, string Sha256, double Accuracy)
{
    /// <summary>Energy of all devices.</summary>
    internal double Joules => Devices.Sum(static use => use.Joules);

    /// <summary>Bytes that their links have carried from them.</summary>
    internal long BytesUp => Devices.Sum(static use => use.BytesUp);

    /// <summary>Bytes that their links have carried to them.</summary>
    internal long BytesDown => Devices.Sum(static use => use.BytesDown);
}
