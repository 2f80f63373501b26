namespace StreamLearn.Tables;

internal static class WindowSamples
{
    public const int Most = 4096;

    /// <summary>Duration of windows at <see cref="MotionRate"/> or faster, as in Anguita et al. (2013).</summary>
    private const double MotionSeconds = 2.56;

    private const double MotionRate = 10;
    private const int SlowSamples = 64;
    private const int Least = 16;

    public static double ShareLasting(IEnumerable<int> runs, int samples)
    {
        var (lasting, all) = (0L, 0L);
        foreach (var rows in runs) { (lasting, all) = (lasting + (rows >= samples ? rows : 0), all + rows); }
        return (double)lasting / Math.Max(1, all);
    }

    /// <summary>Returns 2.56 s or 64 rows, at most a third of the usual run of a label; even.</summary>
    public static int Of(double rate, IEnumerable<int> runs)
    {
        var samples = rate < MotionRate ? SlowSamples : MotionSeconds * rate;
        var lengths = runs.Order().ToList();
        if (lengths.Count > 0) { samples = Math.Min(samples, lengths[lengths.Count / 2] / 3.0); }
        return 2 * (int)Math.Round(Math.Clamp(samples, Least, Most) / 2);
    }
}
