namespace StreamLearn.Formats;

/// <summary>A JSON number: ±digits × 10^exponent, with the first 19 significant digits. Source: RFC 8259, section 6.</summary>
internal readonly record struct DecimalNumber(ulong Digits, int Exponent, bool Negative, bool Whole, bool Cut)
{
    internal const int MaxDigits = 19;      // 10^19 − 1 fits in 64 bits

    private const int MaxExponent = 100_000;

    /// <summary>Reads a number. <paramref name="position"/>: its start; on return, the byte after it.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> json, ref int position, out DecimalNumber number)
    {
        number = default;
        var at = position;
        var negative = at < json.Length && json[at] == '-';
        if (negative) { at++; }
        var first = at;
        var (digits, exponent, significant, cut) = (0UL, 0, 0, false);
        for (; at < json.Length && char.IsAsciiDigit((char)json[at]); at++) { Take(json[at], 0); }
        if (at == first || (json[first] == '0' && at > first + 1)) { return false; }
        var whole = true;
        if (at < json.Length && json[at] == '.')
        {
            whole = false;
            first = ++at;
            for (; at < json.Length && char.IsAsciiDigit((char)json[at]); at++) { Take(json[at], 1); }
            if (at == first) { return false; }
        }

        if (at < json.Length && (json[at] | 0x20) == 'e')
        {
            whole = false;
            at++;
            if (!TryReadExponent(json, ref at, out var power)) { return false; }
            exponent += power;
        }

        position = at;
        number = new(digits, exponent, negative, whole, cut);
        return true;

        void Take(byte digit, int places)
        {
            var value = (uint)(digit - '0');
            if (significant < MaxDigits)
            {
                digits = (digits * 10) + value;
                exponent -= places;
                if (digits != 0) { significant++; }
            }
            else
            {
                exponent += 1 - places;
                cut |= value != 0;
            }
        }
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> json, ref int at, out int power)
    {
        power = 0;
        var negative = at < json.Length && json[at] == '-';
        if (at < json.Length && json[at] is (byte)'-' or (byte)'+') { at++; }
        var first = at;
        for (; at < json.Length && char.IsAsciiDigit((char)json[at]); at++)
        {
            power = Math.Min((power * 10) + (json[at] - '0'), MaxExponent);
        }

        if (negative) { power = -power; }
        return at > first;
    }
}
