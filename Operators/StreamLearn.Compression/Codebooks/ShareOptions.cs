namespace StreamLearn.Compression;

/// <summary>Settings of weight sharing.</summary>
public sealed record ShareOptions
{
    /// <summary>Index bits of a dense layer; the codebook has 2^bits nonzero values, 255 for 8 bits. 1 to 8; default 5.</summary>
    public int DenseBits { get; init; } = 5;

    /// <summary>Index bits of a convolution. 1 to 8; default 8.</summary>
    public int ConvolutionBits { get; init; } = 8;

    internal CentroidStart Start { get; init; }

    /// <summary>Random seed; default 0.</summary>
    public long Seed { get; init; }

    internal void Check()
    {
        foreach (var bits in (ReadOnlySpan<int>)[DenseBits, ConvolutionBits])
        {
            if (bits is < 1 or > 8) { throw new ArgumentException($"expected 1 to 8 bits, got {bits}"); }
        }
    }

    /// <summary>At most 255 nonzero centroids; 0: values stay.</summary>
    internal int CentroidsOf(Slice slice) =>
        slice.Kind != SliceKind.Trained || !slice.Name.EndsWith(".weight", StringComparison.Ordinal)
            || slice.Name.Contains("low-bit", StringComparison.Ordinal) ? 0
        : Math.Min(byte.MaxValue, 1 << (slice.Name.Contains("conv", StringComparison.Ordinal) ? ConvolutionBits : DenseBits));
}
