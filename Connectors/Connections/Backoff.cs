namespace StreamLearn.Connections;

/// <summary>
/// How long to wait before a connection is tried again: exponential, with full jitter. A server that cannot be reached is tried often,
/// since that costs it little; one that takes connections and soon loses them is tried ever more rarely, unless messages went over them:
/// then it works while it is there, and comes back soon. Source: Brooker (2015),
/// exponential backoff and jitter.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan most, Random random)
{
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private const long Useful = 10;         // messages over a connection
    private int _unreached;
    private int _unstable;

    /// <summary>The wait after the server could not be reached.</summary>
    internal TimeSpan Unreached()
    {
        var cap = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Min(1 << Math.Min(_unreached, 20), 4));
        _unreached++;
        return TimeSpan.FromSeconds(random.NextDouble() * cap);
    }

    /// <summary>The wait after a connection was lost, or refused. <paramref name="lasted"/>: how long the server had kept it.</summary>
    internal TimeSpan Lost(TimeSpan lasted, long messages = 0)
    {
        _unreached = 0;
        if (lasted >= Stable) { _unstable = 0; }
        else if (messages >= Useful) { _unstable = Math.Min(_unstable + 1, 2); }
        else if (lasted < Short) { _unstable++; }
        var cap = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Pow(4, Math.Clamp(_unstable - 1, 0, 15)));
        // A server that flaps would else meet the lucky draws of all its clients.
        var least = _unstable > 2 ? cap / 2 : 0;
        return TimeSpan.FromSeconds(least + (random.NextDouble() * (cap - least)));
    }
}
