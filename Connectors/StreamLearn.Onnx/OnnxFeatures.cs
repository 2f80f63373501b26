using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Window features in a graph: signals, and the features of each.</summary>
public sealed class OnnxFeatures
{
    internal const int FirstBand = 20;

    /// <summary>Channels in a window.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows per second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The channel of each signal, or the three channels of its magnitude √(x² + y² + z²).</summary>
    public required ImmutableArray<ImmutableArray<int>> Signals { get; init; }

    /// <summary>The signal and the number of each column, in the order of <c>FeaturePlan.Columns</c> of StreamLearn.Operators: 0 to 19,
    /// bands from 20 on.</summary>
    public required ImmutableArray<(int Signal, int Number)> Columns { get; init; }

    /// <summary>Spectrum bins of each band: the first, and one past the last.</summary>
    public ImmutableArray<(int From, int To)> Bands { get; init; } = [];

    /// <summary>Pairs of signals; the correlation of each pair is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; init; } = [];

    /// <summary>Triples of signals; a column adds up the magnitude areas of each triple.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; init; } = [];
}
