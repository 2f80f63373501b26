using System.Collections.Immutable;

namespace StreamLearn.Operators;

internal static class FeatureColumns
{
    internal const int Lag = 16, Dominant = 17, Centroid = 18, Entropy = 19;

    /// <summary>Index of the power of the first band; lower ones are those of <see cref="All"/>.</summary>
    internal const int FirstBand = 20;

    internal const Feature Spectral = Feature.DominantFrequency | Feature.SpectralCentroid | Feature.SpectralEntropy;

    private const Feature Timed = Feature.JerkDeviation | Feature.Autocorrelation | Feature.DominantFrequency | Feature.SpectralCentroid;

    private static readonly Unit Hertz = new("Hz");
    private static readonly Unit Second = new("s");

    private static readonly (Feature Feature, string Name, Func<Unit, Unit> Unit)[] All =
    [
        (Feature.Mean, "mean", Same), (Feature.Deviation, "deviation", Same), (Feature.Min, "min", Same), (Feature.Max, "max", Same),
        (Feature.Rms, "rms", Same), (Feature.Crest, "crest", One), (Feature.Skewness, "skewness", One),
        (Feature.Kurtosis, "kurtosis", One), (Feature.MedianDeviation, "median deviation", Same),
        (Feature.QuartileRange, "quartile range", Same), (Feature.ZeroCrossings, "zero crossings", One),
        (Feature.MeanCrossings, "mean crossings", One), (Feature.Energy, "energy", Squared),
        (Feature.MagnitudeArea, "magnitude area", Same), (Feature.JerkDeviation, "jerk deviation", PerSecond),
        (Feature.Autocorrelation, "autocorrelation peak", One), (Feature.Autocorrelation, "autocorrelation lag", _ => Second),
        (Feature.DominantFrequency, "dominant frequency", _ => Hertz), (Feature.SpectralCentroid, "spectral centroid", _ => Hertz),
        (Feature.SpectralEntropy, "spectral entropy", One),
    ];

    internal static bool NeedRate(Feature features, ImmutableArray<FrequencyBand> bands) => (features & Timed) != 0 || bands.Length > 0;

    internal static IEnumerable<int> Places(Feature features, ImmutableArray<FrequencyBand> bands) =>
        Enumerable.Range(0, FirstBand).Where(i => (features & All[i].Feature) != 0)
            .Concat(Enumerable.Range(FirstBand, bands.Length));

    internal static Field Column(FeatureSignal signal, int place, ImmutableArray<FrequencyBand> bands)
    {
        var (name, unit) = place < FirstBand
            ? (All[place].Name, All[place].Unit(signal.Unit))
            : ($"{bands[place - FirstBand].Name} power", Squared(signal.Unit));
        return new($"{signal.Name} {name}", ColumnType.Float32, unit, signal.Nullable);
    }

    internal static Unit One(Unit unit) => Unit.One;

    private static Unit Same(Unit unit) => unit;

    private static Unit Squared(Unit unit) => unit == Unit.One ? unit : new($"{Factor(unit)}2");

    private static Unit PerSecond(Unit unit) => unit == Unit.One ? new("1/s") : new($"{Factor(unit)}/s");

    private static string Factor(Unit unit) => unit.Symbol.All(char.IsAsciiLetter) ? unit.Symbol : $"({unit.Symbol})";
}
