using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>How many different values the weights of a layer keep.</summary>
public sealed record ShareOptions
{
    /// <summary>Bits of an index of a dense layer's weight: the codebook has 2 to that power values beside zero, with 8 bits 255.
    /// 1 to 8; default 5.</summary>
    public int DenseBits { get; init; } = 5;

    /// <summary>Bits of an index of a convolution's weight. 1 to 8; default 8.</summary>
    public int ConvolutionBits { get; init; } = 8;

    /// <summary>Where centroids begin; default the best of all ways.</summary>
    public CentroidStart Start { get; init; }

    /// <summary>Seed of what is drawn by chance. Default 0.</summary>
    public long Seed { get; init; }

    internal void Check()
    {
        foreach (var bits in (ReadOnlySpan<int>)[DenseBits, ConvolutionBits])
        {
            if (bits is < 1 or > 8) { throw new ArgumentException($"expected 1 to 8 bits, got {bits}"); }
        }
    }

    /// <summary>Centroids of a slice, at most 255 beside zero; 0 if its values stay as they are.</summary>
    internal int CentroidsOf(Slice slice) =>
        slice.Kind != SliceKind.Trained || !slice.Name.EndsWith(".weight", StringComparison.Ordinal)
            || slice.Name.Contains("low-bit", StringComparison.Ordinal) ? 0
        : Math.Min(byte.MaxValue, 1 << (slice.Name.Contains("conv", StringComparison.Ordinal) ? ConvolutionBits : DenseBits));
}
