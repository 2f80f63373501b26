using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>A description of computed features for windows of a known rate, for reimplementing them elsewhere.</summary>
/// <remarks>Column order: <see cref="Columns"/>, then correlations of <see cref="Pairs"/>, then <see cref="Areas"/>, each the sum of three
/// signals' magnitude areas.</remarks>
public sealed class FeaturePlan
{
    /// <summary>Numbers of a signal before its band powers.</summary>
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

    /// <summary>Channels of a window.</summary>
    public int Channels { get; }

    /// <summary>Rows a second.</summary>
    public double SamplesPerSecond { get; }

    /// <summary>Each signal's channel, or the three channels of its magnitude √(x² + y² + z²), rounded to float32.</summary>
    public ImmutableArray<ImmutableArray<int>> Signals { get; }

    /// <summary>Each column's signal and number: the bit of <see cref="Feature"/> up to <see cref="Feature.Autocorrelation"/>, with 15 its
    /// peak and 16 its lag; 17 to 19 dominant frequency, centroid, entropy; bands from <see cref="FirstBand"/>.</summary>
    public ImmutableArray<(int Signal, int Number)> Columns { get; }

    /// <summary>Bands of all signals.</summary>
    public ImmutableArray<FrequencyBand> Bands { get; }

    /// <summary>Signals whose correlation is a column.</summary>
    public ImmutableArray<(int First, int Second)> Pairs { get; }

    /// <summary>Signals whose magnitude areas a column adds up.</summary>
    public ImmutableArray<(int X, int Y, int Z)> Areas { get; }

    /// <summary>Returns the spectrum bins of a band: the first, and the one after the last.</summary>
    /// <param name="band">The band.</param>
    /// <param name="rows">Rows of the window, at least 1.</param>
    public (int From, int To) BinsOf(FrequencyBand band, int rows)
    {
        ArgumentNullException.ThrowIfNull(band);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return PowerSpectrum.Bins(band, (rows / 2) + 1, SamplesPerSecond / rows);
    }
}
