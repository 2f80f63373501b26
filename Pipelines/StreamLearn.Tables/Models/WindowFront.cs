using System.Numerics;
using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>Computes features of an accelerometer or gyroscope if present, otherwise of each channel.</summary>
internal sealed class WindowFront
{
    private const double MotionRate = 10;
    private const double MaxMotionRate = 400;       // above it, rows are vibration or sound, not motion
    private const int Bands = 8;

    private const Feature OfChannels = Feature.Mean | Feature.Deviation | Feature.Min | Feature.Max | Feature.Rms | Feature.MedianDeviation
        | Feature.QuartileRange | Feature.ZeroCrossings | Feature.MeanCrossings | Feature.Energy | Feature.JerkDeviation
        | Feature.Autocorrelation | Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy | Feature.Skewness
        | Feature.Kurtosis;

    private const int MaxColumns = 1000;
    private const Feature OfMany = Feature.Mean | Feature.Deviation | Feature.Min | Feature.Max;

    internal WindowFront(Preparation preparation)
    {
        var rate = preparation.RowsPerSecond
            ?? throw new ArgumentException("expected the rate of the rows, which features need", nameof(preparation));
        var (schema, bands) = (new Schema([Field.Time(), .. preparation.Channels]), BandsOf(rate, preparation.WindowRows));
        var imu = new ImuFeaturesOptions { Bands = bands, SamplesPerSecond = rate, IncludeOthers = true };
        try
        {
            Columns = Width(imu.Output(schema));
            Of = windows => windows.ImuFeatures(imu);
            Plan = imu.Plan(schema);
        }
        catch (SchemaException)
        {
            var all = EachChannel(preparation.Channels.Length, rate, bands);
            Columns = Width(all.Output(schema));
            Of = windows => windows.Features(all.Features, all);
            Plan = all.Plan(schema);
        }
    }

    internal int Columns { get; }

    internal FeaturePlan Plan { get; }

    internal Func<Flow<Batch>, Flow<Batch>> Of { get; }

    /// <summary>Returns all features, or those that fit into a batch.</summary>
    private static FeaturesOptions EachChannel(int channels, double rate, ImmutableArray<FrequencyBand> bands)
    {
        var isWide = channels * (BitOperations.PopCount((uint)OfChannels) + 1 + bands.Length) > MaxColumns;
        var features = isWide ? channels * 4 > MaxColumns ? Feature.Mean : OfMany : OfChannels;
        return new() { Features = features, Bands = isWide ? [] : bands, SamplesPerSecond = rate };
    }

    private static int Width(Schema schema) => schema.Fields.Count(static f => f.Type == ColumnType.Float32);

    /// <summary>For motion, returns the bands of <see cref="ImuFeaturesOptions"/> up to the rate; otherwise bands of increasing
    /// width.</summary>
    private static ImmutableArray<FrequencyBand> BandsOf(double rate, int windowRows)
    {
        var highest = rate / 2;
        if (rate is >= MotionRate and <= MaxMotionRate)
        {
            return [.. new ImuFeaturesOptions().Bands.Where(b => b.FromHz < highest)];
        }

        var lowest = rate / windowRows;
        double EdgeOf(int band) => lowest * Math.Pow(highest / lowest, (double)band / Bands);
        return [.. Enumerable.Range(0, Bands).Select(b =>
            new FrequencyBand($"band {b + 1}", EdgeOf(b), b == Bands - 1 ? double.PositiveInfinity : EdgeOf(b + 1)))];
    }
}
