using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Computes features of a power spectrum with P₀ = 0; sums as in <see cref="SignalSums"/>, padded with zeros.</summary>
internal static class PowerSpectrum
{
    /// <summary>The lowest on a tie.</summary>
    internal static int Dominant(ReadOnlySpan<double> power) => TensorPrimitives.IndexOfMax(power);

    internal static double Centroid(ReadOnlySpan<double> lines, double total)
    {
        if (!(total > 0)) { return 0; }
        var (numbers, sum) = (Vector512<double>.Indices, Vector512<double>.Zero);
        foreach (var line in SignalSums.Vectors(lines))
        {
            sum += line * numbers;
            numbers += Vector512.Create((double)SignalSums.Lanes);
        }

        return SignalSums.Total(sum) / total;
    }

    /// <summary>Returns −Σpₖ ln pₖ / ln K, where pₖ = Pₖ/ΣP; 0 if K is 1 or there is no power.</summary>
    internal static double Entropy(ReadOnlySpan<double> lines, double total, int count)
    {
        if (!(total > 0) || count < 2) { return 0; }
        var (inverse, sum) = (Vector512.Create(1 / total), Vector512<double>.Zero);
        foreach (var line in SignalSums.Vectors(lines))
        {
            var share = line * inverse;
            var term = share * Vector512.Log(share);
            sum -= Vector512.ConditionalSelect(Vector512.GreaterThan(share, Vector512<double>.Zero), term, Vector512<double>.Zero);
        }

        return Math.Clamp(SignalSums.Total(sum) / Math.Log(count), 0, 1);
    }

    internal static double Band(ReadOnlySpan<double> lines, int from, int to)
    {
        var (first, end) = (Vector512.Create((double)from), Vector512.Create((double)to));
        var sum = Vector512<double>.Zero;
        for (var at = from & -SignalSums.Lanes; at < to; at += SignalSums.Lanes)
        {
            var numbers = Vector512<double>.Indices + Vector512.Create((double)at);
            var isIn = Vector512.GreaterThanOrEqual(numbers, first) & Vector512.LessThan(numbers, end);
            sum += Vector512.Create(lines[at..]) & isIn;
        }

        return SignalSums.Total(sum);
    }

    /// <summary>Returns the first bin, and one past the last. <paramref name="bins"/>: bins including 0 Hz, which is in no band.</summary>
    internal static (int From, int To) Bins(FrequencyBand band, int bins, double hertz) =>
        (Bin(band.FromHz, bins, hertz), Bin(band.ToHz, bins, hertz));

    private static int Bin(double frequency, int bins, double hertz) => (int)Math.Clamp(Math.Ceiling((frequency / hertz) - 1e-6), 1, bins);
}
