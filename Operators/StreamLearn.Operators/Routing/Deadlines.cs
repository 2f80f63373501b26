namespace StreamLearn.Operators;

/// <summary>Deadlines of messages, for a queue that serves by them: functions of a message and the time at which it came.</summary>
public static class Deadlines
{
    /// <summary>Each message is to be done within a time after it came.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="time">How long after; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above 0.</exception>
    public static Func<T, DateTimeOffset, DateTimeOffset> Within<T>(TimeSpan time)
        where T : class
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return (_, came) => After(came, time);
    }

    /// <summary>A batch is to be done at the earliest time in one of its columns, or so long after it. A batch without rows is to be done
    /// so long after it came.</summary>
    /// <param name="column">An int64 column of times in nanoseconds since 1970, such as <c>time</c>.</param>
    /// <param name="after">How long after that time, 0 or more; default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time after it is negative.</exception>
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

    /// <summary>A time, or the last one that there is.</summary>
    private static DateTimeOffset After(DateTimeOffset from, TimeSpan time) =>
        time < DateTimeOffset.MaxValue - from ? from + time : DateTimeOffset.MaxValue;
}
