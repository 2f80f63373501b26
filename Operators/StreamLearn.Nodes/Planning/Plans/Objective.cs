namespace StreamLearn.Nodes;

/// <summary>The goal of a planner, and the batch.</summary>
/// <remarks> A plan's value is alpha · T / T₀ + (1 − alpha) · E / E₀: T is the time of the slowest device, E the energy of all devices, T₀
/// and E₀ are those with all layers local. Source: Samikwa, Di Maio, Braun (2022), ARES; the normalization is ours. </remarks>
public sealed record Objective
{
    /// <summary>Inference of one row at a time, whose first layer may run anywhere.</summary>
    public static Objective Request { get; } = new() { Work = PlannedWork.Inference, BatchRows = 1, MinLayers = 0 };

    /// <summary>The planned work; default training.</summary>
    public PlannedWork Work { get; init; }

    /// <summary>Weight of time, 0 to 1: with 1, only time counts, with 0, only energy. Default 0.5.</summary>
    public double Alpha
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "expected a share from 0 to 1");
    } = 0.5;

    /// <summary>Rows per batch, at least 1; default 100.</summary>
    public int BatchRows { get; init => field = Bound.AtLeast(value, 1, nameof(BatchRows)); } = 100;

    /// <summary>Bytes per value sent forward, above 0; default 4, for float32; 1 with 8-bit activations.</summary>
    public double BytesPerValue { get; init => field = Bound.Above0(value, nameof(BytesPerValue)); } = 4;

    /// <summary>Bytes per returned value of a gradient or answer, above 0; default 4.</summary>
    public double BytesPerGradient { get; init => field = Bound.Above0(value, nameof(BytesPerGradient)); } = 4;

    /// <summary>Optimizer values per weight, 0 or more; default 1, for a momentum.</summary>
    public int OptimizerValues { get; init => field = Bound.AtLeast(value, 0, nameof(OptimizerValues)); } = 1;

    /// <summary>Minimum number of layers on the device, 0 or more; default 1. With 0, raw rows may leave it.</summary>
    public int MinLayers { get; init => field = Bound.AtLeast(value, 0, nameof(MinLayers)); } = 1;

    internal void RequireInference()
    {
        if (Work != PlannedWork.Inference)
        {
            throw new ArgumentException($"expected work of {PlannedWork.Inference}, got {Work}", nameof(Work));
        }
    }
}
