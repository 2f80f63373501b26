using System.Collections.Immutable;

namespace StreamLearn.Onnx;

/// <summary>Window features in a graph: signals, and numbers of each.</summary>
public sealed class OnnxFeatures
{
    internal const int FirstBand = 20;

    /// <summary>Channels of a window.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows a second.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Each signal's channel, or the three channels of its magnitude √(x² + y² + z²).</summary>
    public required ImmutableArray<ImmutableArray<int>> Signals { get; init; }

    /// <summary>Each column's signal and number, ordered as <c>FeaturePlan.Columns</c> of StreamLearn.Operators: 0 to 19, bands from
    /// 20.</summary>
    public required ImmutableArray<(int Signal, int Number)> Columns { get; init; }

    /// <summary>Spectrum bins of each band: the first, and the one after the last.</summary>
    public ImmutableArray<(int From, int To)> Bands { get; init; } = [];

    /// <summary>Signals whose correlation is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; init; } = [];

    /// <summary>Signals whose magnitude areas a column adds up.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; init; } = [];
}
