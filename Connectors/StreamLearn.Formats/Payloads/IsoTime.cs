using System.Buffers.Text;

namespace StreamLearn.Formats;

/// <summary>Reads and writes times as text, to the nanosecond. Source: RFC 3339, section 5.6; a missing zone is UTC.</summary>
internal static class IsoTime
{
    /// <summary>Bytes of a time as it is written here.</summary>
    internal const int Length = 30;

    private const int DateAndTime = 19;     // 2026-03-01T12:00:00
    private const long Second = 1_000_000_000;

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text, without quotes.</param>
    /// <param name="nanoseconds">Nanoseconds since 1970; digits below are cut off.</param>
    internal static bool TryRead(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length < DateAndTime || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') { return false; }
        if ((text[10] | 0x20) != 't' && text[10] != ' ') { return false; }
        if (!TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute)
            || !TryDigits(text[17..19], out var second))
        {
            return false;
        }

        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var at = DateAndTime;
        if (!TryFraction(text, ref at, out var fraction) || !TryZone(text[at..], out var zoneMinutes)) { return false; }
        var days = new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        var whole = (((((days * 24L) + hour) * 60) + minute - zoneMinutes) * 60) + second;
        var wide = ((Int128)whole * Second) + fraction;
        if (wide < long.MinValue || wide > long.MaxValue) { return false; }
        nanoseconds = (long)wide;
        return true;
    }

    /// <summary>Writes a time with nine digits of fraction and the zone Z.</summary>
    /// <param name="nanoseconds">Nanoseconds since 1970.</param>
    /// <param name="text">At least <see cref="Length"/> bytes.</param>
    internal static void Write(long nanoseconds, Span<byte> text)
    {
        var (seconds, fraction) = Math.DivRem(nanoseconds, Second);
        if (fraction < 0) { (seconds, fraction) = (seconds - 1, fraction + Second); }
        var time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        time.TryFormat(text, out var written, "yyyy-MM-ddTHH:mm:ss.", System.Globalization.CultureInfo.InvariantCulture);
        Utf8Formatter.TryFormat(fraction, text[written..], out var digits, new('D', 9));
        text[written + digits] = (byte)'Z';
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, ref int at, out long nanoseconds)
    {
        nanoseconds = 0;
        if (at == text.Length || text[at] != '.') { return true; }
        var first = ++at;
        for (var place = Second / 10; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, place /= 10)
        {
            nanoseconds += (text[at] - '0') * place;
        }

        return at > first;
    }

    private static bool TryZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty || (text.Length == 1 && (text[0] | 0x20) == 'z')) { return true; }
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':') { return false; }
        if (!TryDigits(text[1..3], out var hours) || !TryDigits(text[4..], out var rest) || hours > 23 || rest > 59) { return false; }
        minutes = ((hours * 60) + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit)) { return false; }
            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
