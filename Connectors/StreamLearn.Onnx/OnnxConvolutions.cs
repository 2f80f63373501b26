using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Random convolutions in a graph: the share of each kernel's outputs that exceeds a bias.</summary>
public sealed class OnnxConvolutions
{
    internal const int Taps = 9;

    /// <summary>Channels in a window.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows per window, at least 9.</summary>
    public required int Rows { get; init; }

    /// <summary>Factor of each channel.</summary>
    public required ImmutableArray<float> Scales { get; init; }

    /// <summary>The bias of each feature.</summary>
    public required ImmutableArray<float> Biases { get; init; }

    /// <summary>Kernels, in feature order.</summary>
    public required ImmutableArray<OnnxKernel> Kernels { get; init; }
}

/// <summary>A dilated kernel of nine weights: three of 2, six of −1.</summary>
public sealed class OnnxKernel
{
    /// <summary>Rows between weights.</summary>
    public required int Dilation { get; init; }

    /// <summary>Positions of the weights of 2, from 0 to 8.</summary>
    public required (int A, int B, int C) Weights { get; init; }

    /// <summary>Channels whose sum it filters.</summary>
    public required ImmutableArray<int> Channels { get; init; }

    /// <summary>The convolution's first feature.</summary>
    public required int FirstFeature { get; init; }

    /// <summary>Number of features, each with its own bias.</summary>
    public required int Features { get; init; }

    /// <summary>True if outputs beyond the ends of the window are omitted.</summary>
    public required bool IsInner { get; init; }
}
