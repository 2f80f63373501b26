namespace StreamLearn.Operators;

internal static class GappedSignal
{
    internal static int Compact(ReadOnlySpan<float> signal, Span<float> target)
    {
        var count = 0;
        foreach (var value in signal)
        {
            if (float.IsFinite(value)) { target[count++] = value; }
        }

        return count;
    }

    /// <summary>Interpolates gaps linearly and repeats the first and last value outward; needs at least one value.</summary>
    internal static void Fill(ReadOnlySpan<float> signal, Span<float> target)
    {
        var last = -1;      // row of the previous value
        for (var row = 0; row < signal.Length; row++)
        {
            if (!float.IsFinite(signal[row])) { continue; }
            target[row] = signal[row];
            double from = signal[last < 0 ? row : last];
            for (var gap = last + 1; gap < row; gap++)
            {
                target[gap] = (float)(from + ((signal[row] - from) * (gap - last) / (row - last)));
            }

            last = row;
        }

        target[(last + 1)..signal.Length].Fill(signal[last]);
    }

    /// <summary>Returns the correlation over rows where both have a value: 0 if one is constant, NaN without such a row.</summary>
    internal static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (count, sumA, sumB) = (0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            if (!float.IsFinite(a[i]) || !float.IsFinite(b[i])) { continue; }
            (count, sumA, sumB) = (count + 1, sumA + a[i], sumB + b[i]);
        }

        if (count == 0) { return double.NaN; }
        var (meanA, meanB, product, squaresA, squaresB) = (sumA / count, sumB / count, 0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            if (!float.IsFinite(a[i]) || !float.IsFinite(b[i])) { continue; }
            var (x, y) = (a[i] - meanA, b[i] - meanB);
            (product, squaresA, squaresB) = (product + (x * y), squaresA + (x * x), squaresB + (y * y));
        }

        return Correlation(product, squaresA, squaresB);
    }

    internal static double Correlation(double product, double squaresA, double squaresB) =>
        squaresA > 0 && squaresB > 0 ? Math.Clamp(product / (Math.Sqrt(squaresA) * Math.Sqrt(squaresB)), -1, 1) : 0;
}
