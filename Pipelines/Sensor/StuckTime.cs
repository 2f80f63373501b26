namespace Sensor;

internal static class StuckTime
{
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const double DefaultRows = 100;
    private const double WrittenRows = 1000;        // number of rows without change, for unchecked data

    private const double Rounding = 0.001;          // in hours: rates are written with six digits

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Written = TimeSpan.FromHours(24);

    /// <summary>Default: 5 s or 100 rows, whichever is longer; a day if the rate is unknown.</summary>
    internal static TimeSpan Of(SourceConfig source) => !source.HasColumns ? Default
        : source.RowsPerSecond is { } rate ? Longer(Default, DefaultRows, rate) : Written;

    /// <summary>The value for generated files: a day or 1000 rows, whichever is longer.</summary>
    internal static TimeSpan Of(double? rate) => rate is { } rows ? Longer(Written, WrittenRows, rows) : Written;

    /// <summary>Twice the observed standstill of <paramref name="rows"/> rows; null if the general limit suffices.</summary>
    internal static TimeSpan? Of(int rows, double rate) =>
        2 * rows / rate > Of(rate).TotalSeconds ? Longer(TimeSpan.Zero, 2.0 * rows, rate) : null;

    internal static string Text(TimeSpan time) => FormattableString.Invariant($"{Math.Ceiling(time.TotalHours - Rounding)}h");

    private static TimeSpan Longer(TimeSpan time, double rows, double rate) =>
        TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Max(time.TotalSeconds, rows / rate)));
}
