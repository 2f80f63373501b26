namespace StreamLearn.Tables;

internal static class TimeText
{
    /// <summary>Formats with milliseconds, or with ticks if needed, so that the rows' times are exact.</summary>
    internal static string Of(DateTime time) => time.ToString(
        time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? "yyyy-MM-ddTHH:mm:ss.fffZ" : "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        CultureInfo.InvariantCulture);

    /// <summary><paramref name="time"/>: nanoseconds since 1970.</summary>
    internal static string Of(long time) => Of(DateTime.UnixEpoch.AddTicks(time / TimeSpan.NanosecondsPerTick));
}
