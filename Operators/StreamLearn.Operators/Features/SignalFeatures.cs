using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Computes the features of one signal at a time, reusing memory.</summary>
/// <remarks>Non-finite values count as missing: statistics skip them; those that need order interpolate and extend the ends.</remarks>
internal sealed class SignalFeatures(ImmutableArray<FrequencyBand> bands)
{
    private const Feature Sorted = Feature.MedianDeviation | Feature.QuartileRange;
    private const Feature Ordered = Feature.ZeroCrossings | Feature.MeanCrossings | Feature.JerkDeviation | Feature.Autocorrelation
        | FeatureColumns.Spectral;

    private readonly FourierPlans _plans = new();
    private readonly (int From, int To)[] _bins = new (int, int)[bands.Length];     // of bands, for the rate and length of the last signal
    private double[] _lines = [];
    private double[] _power = [];
    private float[] _sorted = [];
    private float[] _present = [];
    private (int Rows, double Rate) _binned;

    /// <summary>The values by feature index; those that were not requested are undefined.</summary>
    internal double[] Values { get; } = new double[FeatureColumns.FirstBand + bands.Length];

    internal double Squares { get; private set; }

    internal void Reserve(int rows)
    {
        var lines = SignalSums.Lines(rows) + SignalSums.Padding;
        if (_lines.Length >= lines) { return; }
        (_lines, _power) = (new double[lines], new double[lines]);
        (_sorted, _present) = (new float[SortNetwork.Padded(rows)], new float[rows]);
    }

    internal int Describe(ReadOnlySpan<float> signal, Feature features, double rate, Span<double> centered)
    {
        if (TensorPrimitives.IsFiniteAll(signal))
        {
            Statistics(signal, features, centered);
            Order(signal.Length, features, rate, centered);
            return signal.Length;
        }

        var present = GappedSignal.Compact(signal, _present);
        if (present == 0)
        {
            Values.AsSpan().Fill(double.NaN);
            return 0;
        }

        Statistics(_present.AsSpan(0, present), features, centered);
        if ((features & Ordered) != 0 || bands.Length > 0)
        {
            GappedSignal.Fill(signal, _present);
            Load(_present.AsSpan(0, signal.Length), centered);
            Order(signal.Length, features, rate, centered);
        }

        return present;
    }

    private double Load(ReadOnlySpan<float> signal, Span<double> centered)
    {
        var lines = SignalSums.Lines(signal.Length);
        SignalSums.Widen(signal, _lines.AsSpan(0, lines + SignalSums.Padding));
        var mean = SignalSums.Sum(_lines.AsSpan(0, lines)) / signal.Length;
        centered = centered[..(lines + SignalSums.Padding)];
        SignalSums.Center(_lines.AsSpan(0, lines), signal.Length, mean, centered);
        Squares = SignalSums.Product(centered[..lines], centered[..lines]);
        return mean;
    }

    private void Statistics(ReadOnlySpan<float> signal, Feature features, Span<double> centered)
    {
        var (n, mean, lines) = (signal.Length, Load(signal, centered), SignalSums.Lines(signal.Length));
        var variance = Squares / n;
        var energy = variance + (mean * mean);
        var (min, max) = (TensorPrimitives.Min(signal), TensorPrimitives.Max(signal));
        Set(Feature.Mean, mean);
        Set(Feature.Deviation, Math.Sqrt(variance));
        Set(Feature.Min, min);
        Set(Feature.Max, max);
        Set(Feature.Rms, Math.Sqrt(energy));
        Set(Feature.Crest, energy > 0 ? Math.Max(max, -(double)min) / Math.Sqrt(energy) : 0);
        Set(Feature.Energy, energy);
        Set(Feature.MagnitudeArea, SignalSums.Magnitudes(_lines.AsSpan(0, lines)) / n);
        if ((features & (Feature.Skewness | Feature.Kurtosis)) != 0)
        {
            var (cubes, fourths) = SignalSums.Powers(centered[..lines]);
            Set(Feature.Skewness, variance > 0 ? cubes / n / (variance * Math.Sqrt(variance)) : 0);
            Set(Feature.Kurtosis, variance > 0 ? fourths / n / (variance * variance) : 0);
        }

        if ((features & Sorted) != 0)
        {
            signal.CopyTo(_sorted);
            SortNetwork.Sort(_sorted.AsSpan(0, SortNetwork.Padded(n)), n);
            var sorted = _sorted.AsSpan(0, n);
            Set(Feature.MedianDeviation, SortedSignal.MedianDeviation(sorted));
            Set(Feature.QuartileRange, SortedSignal.Quantile(sorted, 0.75) - SortedSignal.Quantile(sorted, 0.25));
        }
    }

    private void Order(int n, Feature features, double rate, ReadOnlySpan<double> centered)
    {
        if (n < 2)
        {
            Set(Feature.ZeroCrossings, 0);
            Set(Feature.MeanCrossings, 0);
            Values.AsSpan(System.Numerics.BitOperations.TrailingZeroCount((int)Feature.JerkDeviation)).Clear();
            return;
        }

        if ((features & Feature.ZeroCrossings) != 0) { Set(Feature.ZeroCrossings, SignalSums.Crossings(_lines, n)); }
        if ((features & Feature.MeanCrossings) != 0) { Set(Feature.MeanCrossings, SignalSums.Crossings(centered, n)); }
        if ((features & Feature.JerkDeviation) != 0)
        {
            Set(Feature.JerkDeviation, Math.Sqrt(SignalSums.Differences(centered, n) / (n - 1)) * rate);
        }

        if ((features & Feature.Autocorrelation) != 0)
        {
            var (lag, peak) = FirstPeak.Of(centered, n, Squares);
            Set(Feature.Autocorrelation, peak);
            Values[FeatureColumns.Lag] = lag / rate;
        }

        if ((features & FeatureColumns.Spectral) != 0 || bands.Length > 0) { Spectrum(n, rate, centered); }
    }

    private void Spectrum(int n, double rate, ReadOnlySpan<double> centered)
    {
        var (bins, hertz) = ((n / 2) + 1, rate / n);
        var lines = _power.AsSpan(0, SignalSums.Lines(bins));
        var power = lines[..bins];
        lines[bins..].Clear();
        _plans.Of(n).Power(centered, power);
        var total = SignalSums.Sum(lines);
        Values[FeatureColumns.Dominant] = PowerSpectrum.Dominant(power) * hertz;
        Values[FeatureColumns.Centroid] = PowerSpectrum.Centroid(lines, total) * hertz;
        Values[FeatureColumns.Entropy] = PowerSpectrum.Entropy(lines, total, bins - 1);
        if (_binned != (n, rate))
        {
            for (var b = 0; b < bands.Length; b++) { _bins[b] = PowerSpectrum.Bins(bands[b], bins, hertz); }
            _binned = (n, rate);
        }

        for (var b = 0; b < bands.Length; b++)
        {
            Values[FeatureColumns.FirstBand + b] = PowerSpectrum.Band(lines, _bins[b].From, _bins[b].To);
        }
    }

    private void Set(Feature feature, double value) => Values[System.Numerics.BitOperations.TrailingZeroCount((int)feature)] = value;
}
