using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Settings of <see cref="ModelCompression.QuantizeAware"/>.</summary>
public sealed record QuantizeAwareOptions
{
    /// <summary>How the first ranges are found.</summary>
    public QuantizeOptions Start { get; init; } = new();

    /// <summary>Times that every row is seen, at least 1; default 2.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Rows of a step, at least 1; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Moves the values; default Adam with a rate of 0.0003.</summary>
    public Optimizer Optimizer { get; init; } = new Adam(0.0003f);

    /// <summary>Share of the steps after which activations are rounded, 0 to 1; before, only weights are. Default 0.2.</summary>
    public double Delay { get; init; } = 0.2;

    /// <summary>Share of a batch in the ranges, 0 to 1; default 0.01.</summary>
    public float Momentum { get; init; } = 0.01f;

    /// <summary>Seed of the order of the rows; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Throws unless the settings are in range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not.</exception>
    public void Check()
    {
        Start.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        if (!(Delay is >= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(Delay), Delay, "expected a share of 0 to 1"); }
        if (!(Momentum is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "expected a share of 0 to 1");
        }
    }
}
