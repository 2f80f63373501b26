namespace StreamLearn.Tables;

/// <summary>Says that times may have another unit, or another origin.</summary>
internal static class TimeDoubts
{
    internal static readonly (TimeUnit Unit, double Second)[] Units =
        [(TimeUnit.Seconds, 1), (TimeUnit.Milliseconds, 1e3), (TimeUnit.Microseconds, 1e6), (TimeUnit.Nanoseconds, 1e9)];

    private const double HighRate = 30_000;     // rows per second that make a unit in the name doubtful
    private const double UsualRate = 2000;
    private const double From1904 = 2_082_844_800;      // seconds to 1970
    private const double From1900 = 2_208_988_800;
    private const double LatestZero = TimesSeen.LatestZero / 1e9;

    private static readonly double Since1990 = SecondsOf(new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly double Since2015 = SecondsOf(new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Says that times, in seconds since 1970, are hardly dates of measurements; null: they may be.
    /// <paramref name="option"/>: how another unit is said.</summary>
    internal static string? OfDates(string time, double first, double last, TimeUnit unit, DateTimeOffset now, Func<string, string> option)
    {
        var latest = SecondsOf(now.AddYears(1));
        bool IsUsual(double since, double at) => at >= since && at <= latest;

        var seen = $"'{time}' has times of {At(first)}{(last > first ? $" to {At(last)}" : "")}, ";
        if (last > latest)
        {
            return seen + (IsUsual(Since1990, last - From1904)
                ? $"which lie in the future: seconds since 1904 (subtract 2082844800) would begin at {At(first - From1904)}, since 1900 "
                    + $"(subtract 2208988800) at {At(first - From1900)}"
                : $"which lie in the future: check the unit, such as {option("ms")}, the date, and the clock of this machine");
        }

        if (unit >= TimeUnit.Iso8601 || first >= Since1990) { return null; }
        var second = Units.First(u => u.Unit == unit).Second;
        foreach (var (other, per) in Units.Where(u => u.Second < second))
        {
            if (!IsUsual(Since2015, first * second / per)) { continue; }
            return seen + $"which lie in the past: in {UnitText(other)}, they would begin at {At(first * second / per)}: "
                + option(Symbol(other));
        }

        return first <= LatestZero ? null : seen + "before 1990: check the unit, and since when they count";
    }

    private static readonly (string[] Words, string Name, double Seconds)[] Longer =
    [
        (["min", "mins", "minute", "minutes", "minuten"], "minutes", 60),
        (["h", "hr", "hrs", "hour", "hours", "std", "stunden"], "hours", 3600),
        (["d", "day", "days", "tage"], "days", 86_400),
    ];

    internal static bool IsLonger(string unit) => Longer.Any(l => l.Words.Contains(unit, StringComparer.Ordinal));

    /// <summary>Says that a number is named in minutes, hours or days, which are not read; null: it is not.</summary>
    internal static string? OfLonger(FileColumn column, FileColumn time, double? rate)
    {
        var words = column.Field.Unit == Unit.One ? LookAtTimes.WordsOf(column.Source) : [column.Field.Unit.Symbol];
        var longer = Longer.FirstOrDefault(l => words.Any(w => l.Words.Contains(w, w.Length > 1 ? StringComparer.OrdinalIgnoreCase
            : StringComparer.Ordinal)));
        if (longer.Name is not { } name || time.TimeUnit >= TimeUnit.Iso8601) { return null; }
        var rows = rate / Units.First(u => u.Unit == time.TimeUnit).Second / longer.Seconds;
        return $"a time: the numbers of '{column.Source}{(column.Field.Unit == Unit.One ? "" : $" [{column.Field.Unit}]")}' are in {name}: "
            + FormattableString.Invariant($"write seconds; or take rows as evenly spaced, --ignore {OwnColumns.Quoted(column.Source)} ")
            + FormattableString.Invariant($"--rate {rows ?? 1:0.######}; --time-format s takes them for seconds");
    }

    private static double SecondsOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1e3;

    private static string At(double seconds) => TimeText.Of(DateTime.UnixEpoch.AddMilliseconds(Math.Round(seconds * 1e3)));

    /// <summary>Returns a unit with a usual rate, if the named one gives a rate that is too high.</summary>
    private static (TimeUnit Unit, double Rate)? Other(FileColumn time, double rate)
    {
        var own = Units.First(u => u.Unit == time.TimeUnit).Second;
        foreach (var (unit, second) in Units.Where(u => u.Second < own))
        {
            if (rate * second / own is >= 0.01 and <= UsualRate and var slower) { return (unit, slower); }
        }

        return null;
    }

    internal static IEnumerable<string> OfRate(FileColumn time, double rate)
    {
        if (rate <= HighRate || time.TimeUnit >= TimeUnit.Iso8601 || Other(time, rate) is null) { yield break; }
        yield return $"{LookAtTimes.Word}{UnitText(time)} for '{time.Source}' is a doubt: {OtherText(time, rate, isCoarse: false)[2..]}";
    }

    internal static string UnitText(FileColumn time) => UnitText(time.TimeUnit);

    private static string UnitText(TimeUnit unit) => unit.ToString().ToLowerInvariant();

    internal static string OtherText(FileColumn time, double rate, bool isCoarse) => Other(time, rate) is not { } other
        ? "; set it with --time-format s, ms, us or ns"
        : FormattableString.Invariant($"; in {UnitText(other.Unit)} rows come {other.Rate:0.###} a second")
            + $"{(isCoarse ? " or more" : "")}: --time-format {Symbol(other.Unit)}";

    internal static string Symbol(TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => "s",
        TimeUnit.Milliseconds => "ms",
        TimeUnit.Microseconds => "us",
        TimeUnit.Nanoseconds => "ns",
        _ => "iso8601",
    };
}
