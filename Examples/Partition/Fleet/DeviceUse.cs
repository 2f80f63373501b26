using StreamLearn.Simulation;

namespace Partition;

/// <summary>What a device has taken.</summary>
/// <param name="Joules">Energy.</param>
/// <param name="BytesUp">Bytes from it.</param>
/// <param name="BytesDown">Bytes to it.</param>
internal readonly record struct DeviceUse(double Joules, long BytesUp, long BytesDown)
{
    internal static DeviceUse Of(VirtualDevice device) => new(device.Joules, device.BytesUp, device.BytesDown);
}
