using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Features of a window as a graph computes them: signals, and numbers of each.</summary>
public sealed class OnnxFeatures
{
    internal const int FirstBand = 20;

    /// <summary>Channels of a window.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows a second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Of each signal its channel, or the three channels whose magnitude √(x² + y² + z²) it is.</summary>
    public required ImmutableArray<ImmutableArray<int>> Signals { get; init; }

    /// <summary>Of each column its signal, and which number of the signal, in the order of <c>FeaturePlan.Columns</c> of
    /// StreamLearn.Operators: 0 to 19, and from 20 on the bands.</summary>
    public required ImmutableArray<(int Signal, int Number)> Columns { get; init; }

    /// <summary>Of each band its first bin in the spectrum of a window, and the one after its last.</summary>
    public ImmutableArray<(int From, int To)> Bands { get; init; } = [];

    /// <summary>Signals whose correlation is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; init; } = [];

    /// <summary>Signals whose magnitude areas are added up in a column.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; init; } = [];
}
