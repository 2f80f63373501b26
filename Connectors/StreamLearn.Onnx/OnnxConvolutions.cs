using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Random convolutions as a graph computes them: shares of the outputs of kernels that exceed a bias.</summary>
public sealed class OnnxConvolutions
{
    internal const int Taps = 9;

    /// <summary>Channels of a window.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows of a window, at least 9.</summary>
    public required int Rows { get; init; }

    /// <summary>What each channel is multiplied by.</summary>
    public required ImmutableArray<float> Scales { get; init; }

    /// <summary>The bias of each feature.</summary>
    public required ImmutableArray<float> Biases { get; init; }

    /// <summary>The kernels, in the order of their features.</summary>
    public required ImmutableArray<OnnxKernel> Kernels { get; init; }
}

/// <summary>A kernel of nine weights, three of 2 and six of −1, with a dilation.</summary>
public sealed class OnnxKernel
{
    /// <summary>Rows from one weight to the next.</summary>
    public required int Dilation { get; init; }

    /// <summary>The places of the weights of 2, from 0 to 8.</summary>
    public required (int A, int B, int C) Weights { get; init; }

    /// <summary>The channels that it runs over the sum of.</summary>
    public required ImmutableArray<int> Channels { get; init; }

    /// <summary>Its first feature.</summary>
    public required int FirstFeature { get; init; }

    /// <summary>How many it has, each with a bias of its own.</summary>
    public required int Features { get; init; }

    /// <summary>True if outputs that reach beyond the ends of the window are left out.</summary>
    public required bool IsInner { get; init; }
}
