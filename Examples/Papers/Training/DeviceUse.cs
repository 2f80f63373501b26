using StreamLearn.Simulation;

namespace Partition;

/// <summary>What a device has taken.</summary>
internal readonly record struct DeviceUse(double Joules, long BytesUp, long BytesDown)
{
    internal static DeviceUse Of(VirtualDevice device) => new(device.Joules, device.BytesUp, device.BytesDown);
}
