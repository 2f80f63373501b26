namespace StreamLearn.Aggregation;

/// <summary>The fleet as a round begins.</summary>
/// <param name="Alive">Devices that have sent an update and have not left, in order.</param>
/// <param name="Version">The model version.</param>
public readonly record struct FleetView(IReadOnlyList<DeviceId> Alive, long Version);

/// <summary>The round as it stands: all that the seams may decide by.</summary>
public readonly record struct RoundView
{
    /// <summary>The model version that the round will follow.</summary>
    public required long Version { get; init; }

    /// <summary>Updates accepted in this round.</summary>
    public required int Updates { get; init; }

    /// <summary>
    /// Distinct invited devices that have reported in this round, whether their update was accepted or not, and have not left.
    /// </summary>
    public required int Devices { get; init; }

    /// <summary>Devices invited to this round that have not left; a device that joins within a round is invited to it.</summary>
    public required int Invited { get; init; }

    /// <summary>Devices that have joined and not left.</summary>
    public required int Alive { get; init; }

    /// <summary>Devices that have ever joined.</summary>
    public required int Known { get; init; }

    /// <summary>Time since the last version; before the first, since the first update.</summary>
    public required TimeSpan Elapsed { get; init; }
}

/// <summary>What an update says of itself, without its values.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">Start of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="BaseVersion">The version it was learned from.</param>
/// <param name="Samples">Training visits behind it.</param>
/// <param name="Steps">Steps behind it.</param>
/// <param name="Loss">Mean training loss of those steps.</param>
public readonly record struct UpdateHeader(DeviceId Device, long Epoch, long Sequence, long BaseVersion, int Samples, int Steps,
    float Loss);

/// <summary>An accepted update and what it is worth.</summary>
public readonly ref struct WeightedUpdate
{
    /// <summary>Makes a weighted update.</summary>
    /// <param name="header">What it says of itself.</param>
    /// <param name="weight">What it is worth, above 0.</param>
    /// <param name="values">The differences.</param>
    public WeightedUpdate(UpdateHeader header, float weight, ReadOnlySpan<float> values)
    {
        Header = header;
        Weight = weight;
        Values = values;
    }

    /// <summary>What it says of itself.</summary>
    public UpdateHeader Header { get; }

    /// <summary>What it is worth, above 0.</summary>
    public float Weight { get; }

    /// <summary>The differences, in the order of the model plan's slices.</summary>
    public ReadOnlySpan<float> Values { get; }
}

/// <summary>A device as a directive is made for it.</summary>
/// <param name="Device">The device.</param>
/// <param name="BaseVersion">The version that its last update was learned from.</param>
public readonly record struct DeviceView(DeviceId Device, long BaseVersion);
