using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Apache.Arrow.Types;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Formats times as ISO 8601, and times outside the calendar as number and unit.</summary>
internal static partial class ArrowTimes
{
    private const long SecondsOfDay = 86_400;
    private const long FirstSecond = -62_135_596_800, LastSecond = 253_402_300_799;     // years 1 to 9999

    private static readonly ConcurrentDictionary<string, TimeZoneInfo?> Zones = new(StringComparer.Ordinal);

    /// <summary>Writes a time with the zone's offset, <c>Z</c> for UTC or an unknown zone; local time without a zone.</summary>
    internal static string Timestamp(long value, TimeUnit unit, string? name)
    {
        var (seconds, part) = Split(value, unit);
        if (seconds is < FirstSecond or > LastSecond) { return Count(value, unit); }
        var time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        if (string.IsNullOrEmpty(name)) { return Text(time, part, unit); }
        var offset = OffsetOf(name, time);
        if (seconds + offset.TotalSeconds is < FirstSecond or > LastSecond) { offset = TimeSpan.Zero; }
        var zone = offset == TimeSpan.Zero ? "Z" : $"{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}";
        return $"{Text(time + offset, part, unit)}{zone}";
    }

    internal static string Date(long value, bool isMilliseconds)
    {
        if (isMilliseconds)
        {
            var (seconds, part) = Split(value, TimeUnit.Millisecond);
            if (part != 0 || seconds % SecondsOfDay != 0) { return Timestamp(value, TimeUnit.Millisecond, null); }
            value = seconds / SecondsOfDay;
        }

        return value is < FirstSecond / SecondsOfDay or > LastSecond / SecondsOfDay
            ? string.Create(CultureInfo.InvariantCulture, $"{value} d")
            : DateTime.UnixEpoch.AddDays(value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    internal static string TimeOfDay(long value, TimeUnit unit)
    {
        var (seconds, part) = Split(value, unit);
        if (seconds is < 0 or >= SecondsOfDay) { return Count(value, unit); }
        return string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromSeconds(seconds):hh\\:mm\\:ss}{Fraction(part, unit)}");
    }

    internal static string Count(long value, TimeUnit unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{value} {ArrowCells.SymbolOf(unit)}");

    private static string Text(DateTime time, long part, TimeUnit unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH\\:mm\\:ss}{Fraction(part, unit)}");

    private static string Fraction(long part, TimeUnit unit) => unit switch
    {
        TimeUnit.Second => "",
        TimeUnit.Millisecond => string.Create(CultureInfo.InvariantCulture, $".{part:D3}"),
        TimeUnit.Microsecond => string.Create(CultureInfo.InvariantCulture, $".{part:D6}"),
        _ => string.Create(CultureInfo.InvariantCulture, $".{part:D9}"),
    };

    /// <summary>Seconds are rounded down.</summary>
    private static (long Seconds, long Part) Split(long value, TimeUnit unit)
    {
        var perSecond = unit switch
        {
            TimeUnit.Second => 1,
            TimeUnit.Millisecond => 1_000,
            TimeUnit.Microsecond => 1_000_000,
            _ => 1_000_000_000,
        };
        var (seconds, part) = Math.DivRem(value, perSecond);
        return part < 0 ? (seconds - 1, part + perSecond) : (seconds, part);
    }

    private static TimeSpan OffsetOf(string zone, DateTime time)
    {
        if (FixedOffset().Match(zone) is { Success: true } match)
        {
            var minutes = (60 * int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
                + int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture);
            return TimeSpan.FromMinutes(match.Groups[1].Value == "-" ? -minutes : minutes);
        }

        var known = Zones.GetOrAdd(
            zone, static name => ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : null);
        return known?.GetUtcOffset(time) ?? TimeSpan.Zero;
    }

    [GeneratedRegex(@"^([+-])([01]\d|2[0-3]):?([0-5]\d)\z")]
    private static partial Regex FixedOffset();

    /// <summary>Prevents a zone name from reaching other files.</summary>
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z")]
    private static partial Regex ZoneName();
}
