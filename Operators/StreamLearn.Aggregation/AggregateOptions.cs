namespace StreamLearn.Aggregation;

/// <summary>Settings of <c>Aggregate</c>.</summary>
public sealed record AggregateOptions
{
    /// <summary>
    /// Share of the model in use that is kept when a version comes: the rest is the version's. In [0, 1); 0 uses versions as they are;
    /// default 0.8.
    /// </summary>
    public float Averaging { get; init; } = 0.8f;

    /// <summary>
    /// Greatest Euclidean norm of an update, above 0; null (default): ten times the median of recent norms, once ten are known.
    /// </summary>
    public float? MaxNorm { get; init; }

    /// <summary>Versions that an update's base may lie back. Versions, 0 or more; default 1000.</summary>
    public int MaxStaleness { get; init; } = 1000;

    /// <summary>Devices that are told apart. Devices, at least 1; default 65,536.</summary>
    public int MaxDevices { get; init; } = 65_536;

    /// <summary>Updates held at most where a strategy needs the whole set. Updates, at least 1; default 4096.</summary>
    public int MaxHeldUpdates { get; init; } = 4096;

    internal void Check()
    {
        if (!(Averaging is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Averaging), Averaging, "expected a share in [0, 1)");
        }
        if (MaxNorm is { } norm && !(norm > 0)) { throw new ArgumentOutOfRangeException(nameof(MaxNorm), norm, "expected a norm above 0"); }
        ArgumentOutOfRangeException.ThrowIfNegative(MaxStaleness);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDevices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeldUpdates, 1);
    }
}
