namespace StreamLearn.Fleets;

/// <summary>An update without its values.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">The epoch (start) of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="BaseVersion">Base version.</param>
/// <param name="Samples">Samples processed.</param>
/// <param name="Steps">Steps.</param>
/// <param name="Loss">Mean training loss.</param>
public readonly record struct UpdateHeader(DeviceId Device, long Epoch, long Sequence, long BaseVersion, int Samples, int Steps, float Loss)
{
    /// <summary>Rows that, by its estimate, the device learns from; 0: not requested.</summary>
    public int Rows { get; init; }
}

/// <summary>An accepted update with its weight.</summary>
public readonly ref struct WeightedUpdate
{
    /// <summary>Creates a weighted update.</summary>
    /// <param name="header">The header.</param>
    /// <param name="weight">The weight, above 0.</param>
    /// <param name="values">The changes.</param>
    /// <param name="baseValues">Values of its base version; empty if <see cref="Apply.Bases"/> is 0.</param>
    public WeightedUpdate(UpdateHeader header, float weight, ReadOnlySpan<float> values, ReadOnlySpan<float> baseValues = default)
    {
        Header = header;
        Weight = weight;
        Values = values;
        Base = baseValues;
    }

    /// <summary>The header.</summary>
    public UpdateHeader Header { get; }

    /// <summary>The weight, above 0.</summary>
    public float Weight { get; }

    /// <summary>The changes, in the order of the model plan's slices.</summary>
    public ReadOnlySpan<float> Values { get; }

    /// <summary>All values of its base version; empty if <see cref="Apply.Bases"/> is 0.</summary>
    public ReadOnlySpan<float> Base { get; }
}
