namespace StreamLearn.Fleets;

/// <summary>How long rounds took, for reports of runs.</summary>
public static class RoundTimes
{
    /// <summary>The time that each round took: from the end of the one before to its own.</summary>
    /// <param name="begin">When the first round began.</param>
    /// <param name="ends">When rounds ended, in order.</param>
    public static TimeSpan[] Between(TimeSpan begin, IEnumerable<TimeSpan> ends)
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

    /// <summary>The share of rounds that took less than a time, such as a second.</summary>
    /// <param name="times">The time that each round took.</param>
    /// <param name="limit">The time; a round that took just as long is not counted.</param>
    /// <returns>0 to 1; null if there was no round.</returns>
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
