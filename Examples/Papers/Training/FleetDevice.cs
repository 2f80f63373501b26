using StreamLearn.Simulation;

namespace Partition;

/// <summary>A device of the fleet.</summary>
internal sealed record FleetDevice(string Name, string Kind, DeviceProfile Profile, LinkProfile Link);
