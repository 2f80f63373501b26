using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>How a network's inner layers are given few bits.</summary>
public sealed record BinarizeOptions
{
    /// <summary>Bits of a weight: 1 to 8, or 32 for all; default 1, the sign.</summary>
    public int WeightBits { get; init; } = 1;

    /// <summary>Bits of an input of such a layer: 1 to 8, or 32 for all; default 1, the sign.</summary>
    public int InputBits { get; init; } = 1;

    /// <summary>How it is trained then; default Adam of rate 0.002 for 2,000 steps.</summary>
    public RetrainOptions Retrain { get; init; } = new() { Optimizer = new Adam(0.002f), Steps = 2_000 };
}
