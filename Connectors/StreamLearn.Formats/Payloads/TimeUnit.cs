namespace StreamLearn.Formats;

/// <summary>The format of event time, from 1970-01-01T00:00Z; the column has nanoseconds.</summary>
public enum TimeUnit
{
    /// <summary>Seconds; in JSON possibly with a fraction.</summary>
    Seconds,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Microseconds.</summary>
    Microseconds,

    /// <summary>Nanoseconds.</summary>
    Nanoseconds,

    /// <summary>A string such as <c>2026-03-01T12:00:00.123456789+01:00</c>; UTC if there is no zone. Source: RFC 3339, section
    /// 5.6.</summary>
    Iso8601,
}
