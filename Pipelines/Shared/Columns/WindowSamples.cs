namespace StreamLearn.Programs;

/// <summary>How long a window of somebody's rows is, where nobody says it.</summary>
internal static class WindowSamples
{
    /// <summary>Samples of a window at most.</summary>
    public const int Most = 4096;

    /// <summary>Where rows come at <see cref="MotionRate"/> or faster: as long as in Anguita et al. (2013).</summary>
    private const double MotionSeconds = 2.56;

    private const double MotionRate = 10;
    private const int SlowSamples = 64;
    private const int Least = 16;

    /// <summary>The share of rows whose label lasts as long as a window.</summary>
    public static double ShareLasting(IEnumerable<int> runs, int samples)
    {
        var (lasting, all) = (0L, 0L);
        foreach (var rows in runs) { (lasting, all) = (lasting + (rows >= samples ? rows : 0), all + rows); }
        return (double)lasting / Math.Max(1, all);
    }

    /// <summary>2.56 s or 64 rows, but at most a third of what usually has one label; an even number.</summary>
    public static int Of(double rate, IEnumerable<int> runs)
    {
        var samples = rate < MotionRate ? SlowSamples : MotionSeconds * rate;
        var lengths = runs.Order().ToList();
        if (lengths.Count > 0) { samples = Math.Min(samples, lengths[lengths.Count / 2] / 3.0); }
        return 2 * (int)Math.Round(Math.Clamp(samples, Least, Most) / 2);
    }
}
