using StreamLearn.Simulation;

namespace Partition;

/// <summary>A device of the fleet.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind, as tables name it.</param>
/// <param name="Profile">What it computes with.</param>
/// <param name="Link">Its link.</param>
internal sealed record FleetDevice(string Name, string Kind, DeviceProfile Profile, LinkProfile Link);
