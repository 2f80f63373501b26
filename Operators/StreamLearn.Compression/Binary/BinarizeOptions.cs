using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>Settings of low-bit inner layers.</summary>
public sealed record BinarizeOptions
{
    /// <summary>Bits per weight: 1 to 8, or 32 for float; default 1, the sign.</summary>
    public int WeightBits { get; init; } = 1;

    /// <summary>Bits per layer input: 1 to 8, or 32 for float; default 1, the sign.</summary>
    public int InputBits { get; init; } = 1;

    /// <summary>Training settings; default Adam, rate 0.002, 2,000 steps.</summary>
    public RetrainOptions Retrain { get; init; } = new() { Optimizer = new Adam(0.002f), Steps = 2_000 };
}
