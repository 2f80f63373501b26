namespace StreamLearn.Nodes;

/// <summary>A planner's goal and batch.</summary>
/// <remarks> A plan's value is alpha · T / T₀ + (1 − alpha) · E / E₀: T is the slowest device's time, E all energy, T₀ and E₀ those of all
/// layers local. Source: Samikwa, Di Maio, Braun (2022), ARES; the normalization is ours. </remarks>
public sealed record Objective
{
    /// <summary>Inference of one row at a time, whose first layer may run anywhere.</summary>
    public static Objective Request { get; } = new() { Work = PlannedWork.Inference, BatchRows = 1, MinLayers = 0 };

    /// <summary>The planned work; default training.</summary>
    public PlannedWork Work { get; init; }

    /// <summary>Weight of time, 0 to 1: 1 is time alone, 0 energy alone. Default 0.5.</summary>
    public double Alpha
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "expected a share from 0 to 1");
    } = 0.5;

    /// <summary>Rows of a batch, at least 1; default 100.</summary>
    public int BatchRows
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(BatchRows));
            field = value;
        }
    } = 100;

    /// <summary>Bytes of a value sent forward, above 0; default 4, a float32. 1 with 8-bit activations.</summary>
    public double BytesPerValue
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerValue));
            field = value;
        }
    } = 4;

    /// <summary>Bytes of a returned gradient or answer value, above 0; default 4.</summary>
    public double BytesPerGradient
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerGradient));
            field = value;
        }
    } = 4;

    /// <summary>Optimizer values per weight, 0 or more; default 1, a momentum.</summary>
    public int OptimizerValues
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(OptimizerValues));
            field = value;
        }
    } = 1;

    /// <summary>Minimum layers on the device, 0 or more; default 1. With 0, raw rows may leave it.</summary>
    public int MinLayers
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MinLayers));
            field = value;
        }
    } = 1;

    internal void RequireInference()
    {
        if (Work != PlannedWork.Inference)
        {
            throw new ArgumentException($"expected work of {PlannedWork.Inference}, got {Work}", nameof(Work));
        }
    }
}
