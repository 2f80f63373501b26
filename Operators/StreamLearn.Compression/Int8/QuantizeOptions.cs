namespace StreamLearn.Compression;

/// <summary>How the range of activations is found.</summary>
public enum Calibration
{
    /// <summary>From the least to the greatest value.</summary>
    MinMax,

    /// <summary>A moving average of the least and the greatest value of each batch.</summary>
    Average,

    /// <summary>What holds 99.99 % of the values; one in 10,000 is clamped.</summary>
    Percentile,

    /// <summary>The range whose 8-bit numbers lose the least information about the distribution. Source: Migacz (2017).</summary>
    Entropy,
}

/// <summary>Settings of <see cref="ModelCompression.Quantize"/>.</summary>
public sealed record QuantizeOptions
{
    /// <summary>How the range of activations is found. Default <see cref="Calibration.MinMax"/>.</summary>
    public Calibration Calibration { get; init; }

    /// <summary>Rows that ranges are found from, the first of those given. Rows, 1 to 65,536; default 500.</summary>
    public int CalibrationRows { get; init; } = 500;

    /// <summary>Rows of a batch, each of which moves an average by a tenth. Rows, 1 to 65,536; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Throws unless the settings are in range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not.</exception>
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
