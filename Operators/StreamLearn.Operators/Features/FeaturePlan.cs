using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>A description of the features computed for windows at a known rate, for implementing them elsewhere.</summary>
/// <remarks>Column order: <see cref="Columns"/>, then the correlations of <see cref="Pairs"/>, then <see cref="Areas"/>, each the sum of
/// the magnitude areas of three signals.</remarks>
public sealed class FeaturePlan
{
    /// <summary>Number of features per signal before its band powers.</summary>
    public const int FirstBand = FeatureColumns.FirstBand;

    internal FeaturePlan(FeatureLayout layout, ImmutableArray<FrequencyBand> bands, double? samplesPerSecond)
    {
        if (layout.Signals.FirstOrDefault(static s => s.HasGravity) is { } heavy)
        {
            throw new NotSupportedException($"{heavy.Name}: a plan does not support removal of gravity");
        }

        SamplesPerSecond = samplesPerSecond ?? throw new NotSupportedException("a plan of features needs their sample rate");
        int[] channels = [.. layout.Input.Fields.Select((field, i) => (field, i)).Where(static f => f.field.Type == ColumnType.Float32)
            .Select(static f => f.i)];
        Signals = [.. layout.Signals.Select(s => s.Channel < 0 ? [ChannelOf(s.Axes.X), ChannelOf(s.Axes.Y), ChannelOf(s.Axes.Z)]
            : ImmutableArray.Create(Array.IndexOf(channels, s.Channel)))];
        Columns = [.. layout.Places.SelectMany(static (numbers, signal) => numbers.Select(number => (signal, number)))];
        (Channels, Bands, Pairs) = (channels.Length, bands, layout.Pairs);
        Areas = [.. layout.Areas.Select(static a => (a.X, a.Y, a.Z))];

        int ChannelOf(int signal) => Array.IndexOf(channels, layout.Signals[signal].Channel);
    }

    /// <summary>Channels in a window.</summary>
    public int Channels { get; }

    /// <summary>Rows per second.</summary>
    public double SamplesPerSecond { get; }

    /// <summary>The channel of each signal, or the three channels of its magnitude √(x² + y² + z²), rounded to float32.</summary>
    public ImmutableArray<ImmutableArray<int>> Signals { get; }

    /// <summary>Each column's signal and number: the bit of <see cref="Feature"/> up to <see cref="Feature.Autocorrelation"/>, with 15 its
    /// peak and 16 its lag; 17 to 19 dominant frequency, centroid, entropy; bands from <see cref="FirstBand"/>.</summary>
    public ImmutableArray<(int Signal, int Number)> Columns { get; }

    /// <summary>Bands of all signals.</summary>
    public ImmutableArray<FrequencyBand> Bands { get; }

    /// <summary>Pairs of signals; the correlation of each pair is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; }

    /// <summary>Triples of signals; a column adds up the magnitude areas of each triple.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; }

    /// <summary>Returns the spectrum bins of a band: the first, and one past the last.</summary>
    /// <param name="band">The band.</param>
    /// <param name="rows">Rows in the window, at least 1.</param>
    public (int From, int To) BinsOf(FrequencyBand band, int rows)
    {
        ArgumentNullException.ThrowIfNull(band);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return PowerSpectrum.Bins(band, (rows / 2) + 1, SamplesPerSecond / rows);
    }
}
