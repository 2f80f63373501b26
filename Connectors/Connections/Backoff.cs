namespace StreamLearn.Connections;

/// <summary>Delays before reconnecting: exponential, with full jitter. They are short while the server is unreachable, and grow for a
/// server that accepts connections and soon closes them, unless messages arrived. Source: Brooker (2015).</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan most, Random random)
{
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private const long Useful = 10;         // minimum number of messages on a useful connection
    private int _unreached;
    private int _unstable;

    internal TimeSpan Unreached()
    {
        var cap = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Min(1 << Math.Min(_unreached, 20), 4));
        _unreached++;
        return TimeSpan.FromSeconds(random.NextDouble() * cap);
    }

    /// <summary>Returns the delay after a lost or refused connection. <paramref name="lasted"/>: how long it was open.</summary>
    internal TimeSpan Lost(TimeSpan lasted, long messages = 0)
    {
        _unreached = 0;
        if (lasted >= Stable) { _unstable = 0; }
        else if (messages >= Useful) { _unstable = Math.Min(_unstable + 1, 2); }
        else if (lasted < Short) { _unstable++; }
        var cap = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Pow(4, Math.Clamp(_unstable - 1, 0, 15)));
        // A lower limit, because otherwise some of many clients would retry a failing server immediately.
        var least = _unstable > 2 ? cap / 2 : 0;
        return TimeSpan.FromSeconds(least + (random.NextDouble() * (cap - least)));
    }
}
