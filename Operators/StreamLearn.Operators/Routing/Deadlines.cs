namespace StreamLearn.Operators;

/// <summary>Deadlines as functions of a message and its arrival time.</summary>
public static class Deadlines
{
    /// <summary>Returns deadlines a fixed time after arrival.</summary>
    /// <param name="time">Time after arrival, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above 0.</exception>
    public static Func<T, DateTimeOffset, DateTimeOffset> Within<T>(TimeSpan time)
        where T : class
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return (_, came) => After(came, time);
    }

    /// <summary>Returns deadlines relative to the earliest time in a column or, without rows, relative to the arrival.</summary>
    /// <param name="column">An int64 column of times in nanoseconds since 1970, such as <c>time</c>.</param>
    /// <param name="after">Time after the earliest time, 0 or more; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static Func<Batch, DateTimeOffset, DateTimeOffset> OfColumn(string column, TimeSpan after = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        return (batch, came) =>
        {
            var earliest = long.MaxValue;
            foreach (var time in batch[column].Values<long>()) { earliest = Math.Min(earliest, time); }
            return After(
                earliest == long.MaxValue ? came : DateTimeOffset.UnixEpoch.AddTicks(earliest / TimeSpan.NanosecondsPerTick), after);
        };
    }

    /// <summary>Adds a duration; the result is at most the maximum time.</summary>
    private static DateTimeOffset After(DateTimeOffset from, TimeSpan time) =>
        time < DateTimeOffset.MaxValue - from ? from + time : DateTimeOffset.MaxValue;
}
