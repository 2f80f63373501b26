namespace StreamLearn.Compression;

internal sealed class MagnitudeHistogram(float most)
{
    internal const int Bins = 2048;

    private readonly long[] _counts = new long[Bins];

    internal void Add(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (value != 0) { _counts[Math.Min(Bins - 1, (int)(Bins * (Math.Abs(value) / most)))]++; }
        }
    }

    internal float Holding(double share)
    {
        var wanted = (long)Math.Ceiling(share * _counts.Sum());
        var (held, bin) = (0L, 0);
        while (bin < Bins && held < wanted) { held += _counts[bin++]; }
        return most * bin / Bins;
    }

    /// <summary>Returns the clamp with the smallest KL divergence. Source: Migacz (2017), 8-bit inference with TensorRT.</summary>
    internal float MinLoss(int levels)
    {
        var (best, least, outside) = (Bins, double.PositiveInfinity, _counts.Sum());
        if (outside == 0) { return most; }
        for (var bins = 0; bins < levels; bins++) { outside -= _counts[bins]; }
        for (var bins = levels; bins <= Bins; outside -= bins < Bins ? _counts[bins] : 0, bins++)
        {
            if (Divergence(bins, levels, outside) is var loss && loss < least) { (best, least) = (bins, loss); }
        }

        return most * best / Bins;
    }

    /// <summary>Returns Σ p · ln(p / q). Values outside count in the last bin of p, but not of q.</summary>
    private double Divergence(int bins, int levels, long outside)
    {
        double inside = 0, divergence = 0;
        for (var bin = 0; bin < bins; bin++) { inside += _counts[bin]; }
        var whole = inside + outside;
        if (inside == 0) { return double.PositiveInfinity; }
        for (var level = 0; level < levels; level++)
        {
            var (from, to) = ((int)((long)level * bins / levels), (int)((level + 1L) * bins / levels));
            double sum = 0, filled = 0;
            for (var bin = from; bin < to; bin++) { (sum, filled) = (sum + _counts[bin], filled + (_counts[bin] > 0 ? 1 : 0)); }
            for (var bin = from; bin < to; bin++)
            {
                var p = (_counts[bin] + (bin == bins - 1 ? outside : 0)) / whole;
                if (p == 0) { continue; }
                var q = _counts[bin] > 0 ? sum / filled / inside : 0.5 / whole;      // a bin with only outliers counts as half a value
                divergence += p * Math.Log(p / q);
            }
        }

        return divergence;
    }
}
