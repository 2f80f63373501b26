namespace StreamLearn.Fleets;

/// <summary>Names a device of a fleet. Devices are ordered by the code units of their names.</summary>
/// <param name="Name">The name; in a fleet, the pipeline's.</param>
public readonly record struct DeviceId(string Name) : IComparable<DeviceId>
{
    /// <inheritdoc />
    public int CompareTo(DeviceId other) => string.CompareOrdinal(Name, other.Name);

    /// <summary>True if the left device comes before the right one.</summary>
    public static bool operator <(DeviceId left, DeviceId right) => left.CompareTo(right) < 0;

    /// <summary>True if the left device comes after the right one.</summary>
    public static bool operator >(DeviceId left, DeviceId right) => left.CompareTo(right) > 0;

    /// <summary>True if the left device does not come after the right one.</summary>
    public static bool operator <=(DeviceId left, DeviceId right) => left.CompareTo(right) <= 0;

    /// <summary>True if the left device does not come before the right one.</summary>
    public static bool operator >=(DeviceId left, DeviceId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => Name;
}
