using System.Buffers.Text;

namespace StreamLearn.Formats;

/// <summary>Reads and writes times as text, to the nanosecond. Accepts RFC 3339, section 5.6, and common forms of ISO 8601: without
/// seconds, with a decimal comma, or with the zone <c>+0100</c>, <c>+01</c> or <c>UTC</c>. A time without a zone is UTC.</summary>
internal static class IsoTime
{
    internal const int Length = 30;

    private const int DateAndMinute = 16;   // 2026-03-01T12:00
    private const long Second = 1_000_000_000;

    internal static bool TryRead(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length < DateAndMinute || text[4] != '-' || text[7] != '-' || text[13] != ':') { return false; }
        if ((text[10] | 0x20) != 't' && text[10] != ' ') { return false; }
        if (!TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute))
        {
            return false;
        }

        var (at, second, fraction) = (DateAndMinute, 0, 0L);
        if (text[at..] is [(byte)':', _, _, ..] && (!TryDigits(text[(at + 1)..(at += 3)], out second)
            || !TryFraction(text, ref at, out fraction)))
        {
            return false;
        }

        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        if (!TryZone(text[at..], out var zoneMinutes)) { return false; }
        var days = new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        var whole = (((((days * 24L) + hour) * 60) + minute - zoneMinutes) * 60) + second;
        var wide = ((Int128)whole * Second) + fraction;
        if (wide < long.MinValue || wide > long.MaxValue) { return false; }
        nanoseconds = (long)wide;
        return true;
    }

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
        if (at == text.Length || text[at] is not ((byte)'.' or (byte)',')) { return true; }
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
        if (text is [(byte)' ', _, ..]) { text = text[1..]; }
        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'] || text.SequenceEqual("UTC"u8) || text.SequenceEqual("GMT"u8)) { return true; }
        if (text.Length < 3 || text[0] is not ((byte)'+' or (byte)'-') || !TryDigits(text[1..3], out var hours)) { return false; }
        var rest = text[3..] is [(byte)':', _, _] ? text[4..] : text[3..];
        if (rest.Length is not (0 or 2) || !TryDigits(rest, out var beyond) || hours > 23 || beyond > 59) { return false; }
        minutes = ((hours * 60) + beyond) * (text[0] == '-' ? -1 : 1);
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
