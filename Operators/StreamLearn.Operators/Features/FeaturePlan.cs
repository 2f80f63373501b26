using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>What a block of features computes of windows of a known rate, for those who compute the same elsewhere.</summary>
/// <remarks>The columns of a window are those of <see cref="Columns"/>, then the correlations of <see cref="Pairs"/>, then the magnitude
/// areas of <see cref="Areas"/>, each of which is the sum of those of three signals.</remarks>
public sealed class FeaturePlan
{
    /// <summary>Numbers of a signal before the powers of its bands.</summary>
    public const int FirstBand = FeatureColumns.FirstBand;

    internal FeaturePlan(FeatureLayout layout, ImmutableArray<FrequencyBand> bands, double? samplesPerSecond)
    {
        if (layout.Signals.FirstOrDefault(static s => s.HasGravity) is { } heavy)
        {
            throw new NotSupportedException($"{heavy.Name}: gravity that is taken from a signal has no plan");
        }

        SamplesPerSecond = samplesPerSecond ?? throw new NotSupportedException("features of a rate that is not given have no plan");
        int[] channels = [.. layout.Input.Fields.Select((field, i) => (field, i)).Where(static f => f.field.Type == ColumnType.Float32)
            .Select(static f => f.i)];
        Signals = [.. layout.Signals.Select(s => s.Channel < 0 ? [ChannelOf(s.Axes.X), ChannelOf(s.Axes.Y), ChannelOf(s.Axes.Z)]
            : ImmutableArray.Create(Array.IndexOf(channels, s.Channel)))];
        Columns = [.. layout.Places.SelectMany(static (numbers, signal) => numbers.Select(number => (signal, number)))];
        (Channels, Bands, Pairs) = (channels.Length, bands, layout.Pairs);
        Areas = [.. layout.Areas.Select(static a => (a.X, a.Y, a.Z))];

        int ChannelOf(int signal) => Array.IndexOf(channels, layout.Signals[signal].Channel);
    }

    /// <summary>Channels of a window.</summary>
    public int Channels { get; }

    /// <summary>Rows a second.</summary>
    public double SamplesPerSecond { get; }

    /// <summary>Of each signal its channel, or the three channels whose magnitude √(x² + y² + z²) it is, rounded to float32.</summary>
    public ImmutableArray<ImmutableArray<int>> Signals { get; }

    /// <summary>Of each column its signal, and which number of the signal: the bit of <see cref="Feature"/> up to
    /// <see cref="Feature.Autocorrelation"/>, 15 being its peak and 16 its lag; 17 to 19 dominant frequency, centroid, entropy; from
    /// <see cref="FirstBand"/> on the bands.</summary>
    public ImmutableArray<(int Signal, int Number)> Columns { get; }

    /// <summary>The bands of all signals.</summary>
    public ImmutableArray<FrequencyBand> Bands { get; }

    /// <summary>Signals whose correlation is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; }

    /// <summary>Signals whose magnitude areas are added up in a column.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; }

    /// <summary>The bins of a band in the spectrum of a window: the first, and the one after the last.</summary>
    /// <param name="band">The band.</param>
    /// <param name="rows">Rows of the window, at least 1.</param>
    public (int From, int To) BinsOf(FrequencyBand band, int rows)
    {
        ArgumentNullException.ThrowIfNull(band);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return PowerSpectrum.Bins(band, (rows / 2) + 1, SamplesPerSecond / rows);
    }
}
