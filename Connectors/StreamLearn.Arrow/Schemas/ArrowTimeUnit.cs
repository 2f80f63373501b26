namespace StreamLearn.Arrow;

/// <summary>What times and durations count.</summary>
public enum ArrowTimeUnit
{
    /// <summary>Seconds.</summary>
    Second,

    /// <summary>Milliseconds.</summary>
    Millisecond,

    /// <summary>Microseconds.</summary>
    Microsecond,

    /// <summary>Nanoseconds.</summary>
    Nanosecond,
}
