using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>Reads times by .NET custom formats. Without a zone they are UTC, without a date on 1970-01-01.</summary>
internal static class TimeFormats
{
    private const int MaxCharacters = 64;
    private const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        | DateTimeStyles.NoCurrentDateDefault | DateTimeStyles.AllowWhiteSpaces;

    /// <summary>The formats of loggers and spreadsheets, unambiguous except for the order of day and month.</summary>
    internal static readonly string[] Known =
    [
        .. new[] { "M/d/yyyy", "d/M/yyyy", "d.M.yyyy", "M-d-yyyy", "d-M-yyyy", "yyyy/M/d", "yyyy-M-d" }
            .SelectMany(static d => new[] { "h:mm:ss.FFFFFFF tt", "h:mm tt", "H:mm:ss.FFFFFFF", "H:mm:ss,FFFFFFF", "H:mm" }
                .Select(t => $"{d} {t}")),
        "H:mm:ss.FFFFFFF", "H:mm:ss,FFFFFFF", "h:mm:ss.FFFFFFF tt", "yyyyMMdd HHmmss", "yyyyMMddTHHmmss", "yyyyMMddTHHmmssZ",
        "yyyyMMddTHHmmss.FFFFFFF", "ddd MMM d HH:mm:ss yyyy", "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "d MMM yyyy HH:mm:ss.FFFFFFF",
        "d-MMM-yyyy HH:mm:ss.FFFFFFF", "MMM d, yyyy h:mm:ss tt", "MMM d, yyyy, h:mm:ss tt",
    ];

    internal static readonly string[] Dates = ["yyyy-M-d", "yyyy-M", "yyyy/M/d", "M/d/yyyy", "d/M/yyyy", "d.M.yyyy", "M-d-yyyy",
        "d-M-yyyy"];

    /// <summary>Returns true if a format can parse times: it has only letters for times, T and Z; others are quoted.</summary>
    internal static bool IsFormat(string format)
    {
        var plain = string.Concat(format.Split('\'').Where(static (_, i) => i % 2 == 0));
        try
        {
            return !plain.Any(static c => char.IsAsciiLetter(c) && !"dfFhHKmMstyzTZ".Contains(c, StringComparison.Ordinal))
                && TryRead(Encoding.UTF8.GetBytes(DateTime.UnixEpoch.ToString(format, CultureInfo.InvariantCulture)), format, out _);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    internal static bool TryRead(ReadOnlySpan<byte> text, string format, out long nanoseconds)
    {
        nanoseconds = 0;
        Span<char> characters = stackalloc char[MaxCharacters];
        if (text.Length > MaxCharacters || !Encoding.UTF8.TryGetChars(text, characters, out var length)
            || !DateTime.TryParseExact(characters[..length], format, CultureInfo.InvariantCulture, Styles, out var time))
        {
            return false;
        }

        var ticks = time.Year == 1 ? time.Ticks : (time - DateTime.UnixEpoch).Ticks;
        if (ticks is < long.MinValue / 100 or > long.MaxValue / 100) { return false; }
        nanoseconds = ticks * 100;
        return true;
    }
}
