namespace StreamLearn.Models;

/// <summary>Model version, ordered by aggregator start, then number.</summary>
/// <param name="Epoch">Start of its aggregator; 0: initial model.</param>
/// <param name="Version">Its number; 0: initial model.</param>
public readonly record struct ModelVersion(long Epoch, long Version) : IComparable<ModelVersion>
{
    /// <inheritdoc />
    public int CompareTo(ModelVersion other)
    {
        var epochs = Epoch.CompareTo(other.Epoch);
        return epochs != 0 ? epochs : Version.CompareTo(other.Version);
    }

    /// <summary>Returns whether left precedes right.</summary>
    public static bool operator <(ModelVersion left, ModelVersion right) => left.CompareTo(right) < 0;

    /// <summary>Returns whether left follows right.</summary>
    public static bool operator >(ModelVersion left, ModelVersion right) => left.CompareTo(right) > 0;

    /// <summary>Returns whether left equals or precedes right.</summary>
    public static bool operator <=(ModelVersion left, ModelVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Returns whether left equals or follows right.</summary>
    public static bool operator >=(ModelVersion left, ModelVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => $"{Epoch}/{Version}";
}
