namespace StreamLearn.Nodes;

/// <summary>What a planner looks for, and what a batch is.</summary>
/// <remarks>
/// The value of a plan is alpha · T / T₀ + (1 − alpha) · E / E₀: T is the time of the slowest device, E the energy of all. T₀ and E₀ are
/// those of a plan where each device runs all layers itself. Source: Samikwa, Di Maio, Braun (2022), ARES; the normalization is ours.
/// </remarks>
public sealed record Objective
{
    /// <summary>Inference of one row at a time, whose first layer may run anywhere: what planners of inference are asked for.</summary>
    public static Objective Request { get; } = new() { Work = PlannedWork.Inference, BatchRows = 1, MinLayers = 0 };

    /// <summary>What is planned; default training.</summary>
    public PlannedWork Work { get; init; }

    /// <summary>What time counts, 0 to 1: 1 is time alone, 0 is energy alone. Default 0.5.</summary>
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

    /// <summary>Bytes of a value that crosses a boundary forward, above 0; default 4, a float32. 1 with 8-bit activations.</summary>
    public double BytesPerValue
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerValue));
            field = value;
        }
    } = 4;

    /// <summary>Bytes of a value that comes back, a gradient or an answer; above 0; default 4.</summary>
    public double BytesPerGradient
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerGradient));
            field = value;
        }
    } = 4;

    /// <summary>Values that the optimizer remembers of each weight, 0 or more; default 1, a momentum.</summary>
    public int OptimizerValues
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(OptimizerValues));
            field = value;
        }
    } = 1;

    /// <summary>Layers that stay on the device whatever they cost, 0 or more; default 1. With 0, raw rows may leave it.</summary>
    public int MinLayers
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MinLayers));
            field = value;
        }
    } = 1;

    /// <summary>Throws if training is planned by a planner of inference.</summary>
    internal void RequireInference()
    {
        if (Work != PlannedWork.Inference)
        {
            throw new ArgumentException($"expected work of {PlannedWork.Inference}, got {Work}", nameof(Work));
        }
    }
}
