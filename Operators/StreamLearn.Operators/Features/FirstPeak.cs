namespace StreamLearn.Operators;

/// <summary>Finds the first autocorrelation peak.</summary>
/// <remarks>Cost: n multiply-adds for each lag up to the peak, at most n/2.</remarks>
internal static class FirstPeak
{
    /// <summary>Returns the first lag k of 1 to n/2 with r(k) &gt; 0 and r(k−1) &lt; r(k) ≥ r(k+1) after r was below 0.
    /// <paramref name="padded"/>: as in <see cref="SignalSums"/>, without the mean. <paramref name="squares"/>: Σd².</summary>
    internal static (int Lag, double Value) Of(ReadOnlySpan<double> padded, int count, double squares)
    {
        if (!(squares > 0)) { return (0, 0); }
        Span<double> four = stackalloc double[4];
        var (before, at, fell) = (0.0, squares, false);
        for (var lag = 0; lag <= count / 2; lag++)
        {
            if (lag % 4 == 0) { SignalSums.Lagged(padded, count, lag + 1, four); }
            var next = four[lag % 4];
            if (fell && at > 0 && before < at && at >= next) { return (lag, at / squares); }
            fell |= at < 0;
            (before, at) = (at, next);
        }

        return (0, 0);
    }
}
