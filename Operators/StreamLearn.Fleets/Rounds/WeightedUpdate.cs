namespace StreamLearn.Fleets;

/// <summary>What an update says of itself, without its values.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">Start of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="BaseVersion">The version it was learned from.</param>
/// <param name="Samples">Samples processed for it.</param>
/// <param name="Steps">Steps made for it.</param>
/// <param name="Loss">Mean training loss of those steps.</param>
public readonly record struct UpdateHeader(DeviceId Device, long Epoch, long Sequence, long BaseVersion, int Samples, int Steps,
    float Loss)
{
    /// <summary>Rows that the device learns from, as it estimates; 0: it has not been asked.</summary>
    public int Rows { get; init; }
}

/// <summary>An accepted update and what it is worth.</summary>
public readonly ref struct WeightedUpdate
{
    /// <summary>Makes a weighted update.</summary>
    /// <param name="header">What it says of itself.</param>
    /// <param name="weight">What it is worth, above 0.</param>
    /// <param name="values">The differences.</param>
    /// <param name="baseValues">The values of the version it was learned from; empty where <see cref="Apply.Bases"/> is 0.</param>
    public WeightedUpdate(UpdateHeader header, float weight, ReadOnlySpan<float> values, ReadOnlySpan<float> baseValues = default)
    {
        Header = header;
        Weight = weight;
        Values = values;
        Base = baseValues;
    }

    /// <summary>What it says of itself.</summary>
    public UpdateHeader Header { get; }

    /// <summary>What it is worth, above 0.</summary>
    public float Weight { get; }

    /// <summary>The differences, in the order of the model plan's slices.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>All values of the version it was learned from; empty where <see cref="Apply.Bases"/> is 0.</summary>
    public ReadOnlySpan<float> Base { get; }
}
