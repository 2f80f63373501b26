namespace StreamLearn.Fleets;

public sealed partial record Round
{
    /// <summary>Computes the duration of each round, from the end of the previous one to its own.</summary>
    /// <param name="begin">Start of the first round.</param>
    /// <param name="ends">Ends of rounds, in order.</param>
    public static TimeSpan[] Times(TimeSpan begin, IEnumerable<TimeSpan> ends)
    {
        ArgumentNullException.ThrowIfNull(ends);
        List<TimeSpan> times = [];
        foreach (var end in ends)
        {
            times.Add(end - begin);
            begin = end;
        }

        return [.. times];
    }

    /// <summary>Computes the share of rounds shorter than a limit.</summary>
    /// <param name="times">The durations.</param>
    /// <param name="limit">The limit, exclusive.</param>
    /// <returns>A share from 0 to 1; null if there are no rounds.</returns>
    public static double? ShareUnder(ReadOnlySpan<TimeSpan> times, TimeSpan limit)
    {
        var under = 0;
        foreach (var time in times)
        {
            if (time < limit) { under++; }
        }

        return times.IsEmpty ? null : (double)under / times.Length;
    }
}
