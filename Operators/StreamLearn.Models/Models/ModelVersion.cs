namespace StreamLearn.Models;

/// <summary>Which version of a model: those of a later start of the aggregator come after all of an earlier one.</summary>
/// <param name="Epoch">Start of the aggregator that made it; 0 for the initial model.</param>
/// <param name="Version">Its number; 0 is the initial model.</param>
public readonly record struct ModelVersion(long Epoch, long Version) : IComparable<ModelVersion>
{
    /// <inheritdoc />
    public int CompareTo(ModelVersion other)
    {
        var epochs = Epoch.CompareTo(other.Epoch);
        return epochs != 0 ? epochs : Version.CompareTo(other.Version);
    }

    /// <summary>Whether the left version comes before the right one.</summary>
    /// <param name="left">One version.</param>
    /// <param name="right">Another.</param>
    public static bool operator <(ModelVersion left, ModelVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version comes after the right one.</summary>
    /// <param name="left">One version.</param>
    /// <param name="right">Another.</param>
    public static bool operator >(ModelVersion left, ModelVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is the right one or comes before it.</summary>
    /// <param name="left">One version.</param>
    /// <param name="right">Another.</param>
    public static bool operator <=(ModelVersion left, ModelVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is the right one or comes after it.</summary>
    /// <param name="left">One version.</param>
    /// <param name="right">Another.</param>
    public static bool operator >=(ModelVersion left, ModelVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => $"{Epoch}/{Version}";
}
