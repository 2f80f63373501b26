namespace StreamLearn.Formats;

/// <summary>How a payload writes event time. All count from 1970-01-01T00:00Z; the column has nanoseconds.</summary>
public enum TimeUnit
{
    /// <summary>Seconds, in JSON with a fraction where there is one.</summary>
    Seconds,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Microseconds.</summary>
    Microseconds,

    /// <summary>Nanoseconds.</summary>
    Nanoseconds,

    /// <summary>A text such as <c>2026-03-01T12:00:00.123456789+01:00</c>; without a zone it is UTC.
    /// Source: RFC 3339, section 5.6.</summary>
    Iso8601,
}
