using System.Collections.Immutable;
using System.Numerics;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Tool;

/// <summary>What a fleet learns, and from what of its windows. <paramref name="Source"/>: the rows, prepared as the network takes
/// them.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    private const double MotionRate = 10;
    private const double MaxMotionRate = 400;       // above, rows are vibration or sound rather than motion
    private const int Hidden = 64;
    private const int WindowValues = 128 * 6;       // what a buffer of 128 rows is meant for
    private const int Bands = 8;

    private const Feature OfChannels = Feature.Mean | Feature.Deviation | Feature.Min | Feature.Max | Feature.Rms | Feature.MedianDeviation
        | Feature.QuartileRange | Feature.ZeroCrossings | Feature.MeanCrossings | Feature.Energy | Feature.JerkDeviation
        | Feature.Autocorrelation | Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy | Feature.Skewness
        | Feature.Kurtosis;

    private const int MaxColumns = 1000;
    private const Feature OfMany = Feature.Mean | Feature.Deviation | Feature.Min | Feature.Max;

    /// <summary>What <c>auto</c> tries, the simplest first.</summary>
    internal static readonly ModelKind[] Candidates = [ModelKind.Linear, ModelKind.Features, ModelKind.Conv];

    /// <summary>The model of a name other than <c>auto</c>.</summary>
    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        var model = kind switch
        {
            ModelKind.Conv => Conv(source, seed),
            ModelKind.Features => Features(source, seed),
            _ => Linear(source, seed),
        };
        return model with { Source = model.Source with { ModelName = model.Name } };
    }

    /// <summary>Convolutions over the samples of a window, with an exit after each of two.</summary>
    private static FleetModel Conv(FleetSource source, long seed) =>
        new("conv", source, WindowNetwork.Create(source.Channels.Length, source.WindowSamples, source.Classes.Length, seed));

    /// <summary>A small network on features of windows: its first exit is linear, its second has a hidden layer.</summary>
    private static FleetModel Features(FleetSource source, long seed)
    {
        var (classes, prepare) = (source.Classes.Length, Front(source, out var columns));
        return new("features", source with { Prepare = prepare, BufferRows = BufferOf(columns) }, new(
            new(columns),
            classes,
            [new Scale(), new Dense(Hidden), new Relu()],
            [new(0, new Dense(classes), 0.5f), new(2, new Dense(classes))],
            seed));
    }

    /// <summary>Softmax regression on features of windows.</summary>
    private static FleetModel Linear(FleetSource source, long seed)
    {
        var (classes, prepare) = (source.Classes.Length, Front(source, out var columns));
        return new("linear", source with { Prepare = prepare, BufferRows = BufferOf(columns) }, new(
            new(columns),
            classes,
            [new Scale()],
            [new(0, new Dense(classes))],
            seed));
    }

    /// <summary>Features of an accelerometer or a gyroscope where there is one, else of each channel.</summary>
    internal static Func<Flow<Batch>, Flow<Batch>> Front(FleetSource source, out int columns)
    {
        var bands = BandsOf(source);
        var imu = new ImuFeaturesOptions { Bands = bands, SamplesPerSecond = source.RowsPerSecond, IncludeOthers = true };
        try
        {
            columns = Width(imu.Output(source.Schema));
            return windows => windows.ImuFeatures(imu);
        }
        catch (SchemaException)
        {
            return EachChannel(source, bands, out columns);
        }
    }

    /// <summary>Features of each channel: all of them, or of very many channels those that fit into a batch.</summary>
    private static Func<Flow<Batch>, Flow<Batch>> EachChannel(FleetSource source, ImmutableArray<FrequencyBand> bands, out int columns)
    {
        var isWide = source.Channels.Length * (BitOperations.PopCount((uint)OfChannels) + 1 + bands.Length) > MaxColumns;
        var features = isWide ? source.Channels.Length * 4 > MaxColumns ? Feature.Mean : OfMany : OfChannels;
        var all = new FeaturesOptions { Features = features, Bands = isWide ? [] : bands, SamplesPerSecond = source.RowsPerSecond };
        columns = Width(all.Output(source.Schema));
        return windows => windows.Features(features, all);
    }

    /// <summary>Rows of a buffer of about the bytes that 128 windows take.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);

    private static int Width(Schema schema) => schema.Fields.Count(static f => f.Type == ColumnType.Float32);

    /// <summary>For motion the bands of <see cref="ImuFeaturesOptions"/>, as far as the rate goes; else some whose width rises.</summary>
    private static ImmutableArray<FrequencyBand> BandsOf(FleetSource source)
    {
        var highest = source.RowsPerSecond / 2;
        if (source.RowsPerSecond is >= MotionRate and <= MaxMotionRate)
        {
            return [.. new ImuFeaturesOptions().Bands.Where(b => b.FromHz < highest)];
        }

        var lowest = source.RowsPerSecond / source.WindowSamples;
        double EdgeOf(int band) => lowest * Math.Pow(highest / lowest, (double)band / Bands);
        return [.. Enumerable.Range(0, Bands).Select(b =>
            new FrequencyBand($"band {b + 1}", EdgeOf(b), b == Bands - 1 ? double.PositiveInfinity : EdgeOf(b + 1)))];
    }
}
