namespace Sensor;

/// <summary>How long a channel may stand still: in proportion to the time between rows.</summary>
internal static class StuckTime
{
    /// <summary>The longest that a file may say.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const double DefaultRows = 100;
    private const double WrittenRows = 1000;        // of data that nobody has looked at for long

    private const double Rounding = 0.001;          // hours: rates are written with six digits

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Written = TimeSpan.FromHours(24);

    /// <summary>What holds where a file says nothing: 5 s, or 100 rows where that is longer; a day where the rate is not known.</summary>
    internal static TimeSpan Of(SourceConfig source) => !source.HasColumns ? Default
        : source.RowsPerSecond is { } rate ? Longer(Default, DefaultRows, rate) : Written;

    /// <summary>What is written for data: a day, or 1000 rows where that is longer.</summary>
    internal static TimeSpan Of(double? rate) => rate is { } rows ? Longer(Written, WrittenRows, rows) : Written;

    /// <summary>What is written for a channel that was seen to stand still: twice as long; null: no longer than all others may.
    /// <paramref name="rows"/>: for how many rows it stood still.</summary>
    internal static TimeSpan? Of(int rows, double rate) =>
        2 * rows / rate > Of(rate).TotalSeconds ? Longer(TimeSpan.Zero, 2.0 * rows, rate) : null;

    /// <summary>A duration as YAML, in whole hours.</summary>
    internal static string Text(TimeSpan time) => FormattableString.Invariant($"{Math.Ceiling(time.TotalHours - Rounding)}h");

    private static TimeSpan Longer(TimeSpan time, double rows, double rate) =>
        TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Max(time.TotalSeconds, rows / rate)));
}
