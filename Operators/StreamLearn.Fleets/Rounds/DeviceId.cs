namespace StreamLearn.Fleets;

/// <summary>A device's name. Ordered by code units.</summary>
/// <param name="Name">The name; in a fleet, the pipeline's.</param>
public readonly record struct DeviceId(string Name) : IComparable<DeviceId>
{
    /// <inheritdoc />
    public int CompareTo(DeviceId other) => string.CompareOrdinal(Name, other.Name);

    /// <summary>Returns whether left precedes right.</summary>
    public static bool operator <(DeviceId left, DeviceId right) => left.CompareTo(right) < 0;

    /// <summary>Returns whether left follows right.</summary>
    public static bool operator >(DeviceId left, DeviceId right) => left.CompareTo(right) > 0;

    /// <summary>Returns whether left precedes or equals right.</summary>
    public static bool operator <=(DeviceId left, DeviceId right) => left.CompareTo(right) <= 0;

    /// <summary>Returns whether left follows or equals right.</summary>
    public static bool operator >=(DeviceId left, DeviceId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => Name;
}
