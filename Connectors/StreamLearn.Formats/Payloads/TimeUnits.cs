namespace StreamLearn.Formats;

internal static class TimeUnits
{
    private const double NanosecondsPerSecond = 1e9;

    internal static int Power(this TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => 9,
        TimeUnit.Milliseconds => 6,
        TimeUnit.Microseconds => 3,
        _ => 0,
    };

    internal static void Check(double samplesPerSecond)
    {
        if (double.IsFinite(samplesPerSecond) && samplesPerSecond >= 0) { return; }
        throw new ArgumentException($"expected a sample rate of at least 0, got {samplesPerSecond}", nameof(samplesPerSecond));
    }

    /// <summary>Writes equidistant times in nanoseconds; with rate 0, all are equal.</summary>
    internal static bool TryFill(Span<long> times, long start, double samplesPerSecond)
    {
        if (samplesPerSecond == 0)
        {
            times.Fill(start);
            return true;
        }

        var interval = NanosecondsPerSecond / samplesPerSecond;
        var last = Math.Round(Math.Max(times.Length - 1, 0) * interval);
        if (last >= 9e18 || (long)last > long.MaxValue - Math.Max(start, 0)) { return false; }
        for (var row = 0; row < times.Length; row++) { times[row] = start + (long)Math.Round(row * interval); }
        return true;
    }
}
