namespace StreamLearn.Compression;

/// <summary>Settings of <see cref="ModelCompression.QuantizeAware"/>.</summary>
public sealed record QuantizeAwareOptions
{
    /// <summary>Settings of the initial ranges.</summary>
    public QuantizeOptions Start { get; init; } = new();

    /// <summary>Passes over the rows, at least 1; default 2.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Rows per step, at least 1; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Optimizer; default Adam with a rate of 0.0003.</summary>
    public Optimizer Optimizer { get; init; } = new Adam(0.0003f);

    /// <summary>Share of the steps before activations are rounded too, 0 to 1; default 0.2.</summary>
    public double Delay { get; init; } = 0.2;

    /// <summary>Weight of each batch in the moving ranges, 0 to 1; default 0.01.</summary>
    public float Momentum { get; init; } = 0.01f;

    /// <summary>Seed of the row order; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Validates the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
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
