namespace StreamLearn.Compression;

/// <summary>Method for finding activation ranges.</summary>
public enum Calibration
{
    /// <summary>Minimum to maximum.</summary>
    MinMax,

    /// <summary>Moving average of each batch's minimum and maximum.</summary>
    Average,

    /// <summary>Covers 99.99 % of the values; the rest is clamped.</summary>
    Percentile,

    /// <summary>The 8-bit range with the least information loss. Source: Migacz (2017).</summary>
    Entropy,
}

/// <summary>Settings of <see cref="ModelCompression.Quantize"/>.</summary>
public sealed record QuantizeOptions
{
    /// <summary>Calibration method; default <see cref="Calibration.MinMax"/>.</summary>
    public Calibration Calibration { get; init; }

    /// <summary>Calibration rows; the first rows are used. 1 to 65,536; default 500.</summary>
    public int CalibrationRows { get; init; } = 500;

    /// <summary>Rows per batch, each of which moves an average by a tenth. 1 to 65,536; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Validates the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public void Check()
    {
        if (!Enum.IsDefined(Calibration))
        {
            throw new ArgumentOutOfRangeException(nameof(Calibration), Calibration, "unknown calibration");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(CalibrationRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CalibrationRows, 65_536);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65_536);
    }
}
