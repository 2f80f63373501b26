namespace StreamLearn.Formats;

/// <summary>Numbers as people write them: with separators between thousands, and a unit behind.</summary>
internal static class DressedNumber
{
    internal const int MaxBytes = 128;

    /// <summary>A space, one that does not break, a narrow one, an apostrophe, a typographic one, an underscore.</summary>
    private static readonly byte[][] Spaces =
        [[(byte)' '], [0xC2, 0xA0], [0xE2, 0x80, 0xAF], [(byte)'\''], [0xE2, 0x80, 0x99], [(byte)'_']];

    /// <summary>Writes the number with a point, without separators and unit. A comma or point before three digits separates thousands only
    /// if it can be nothing else: with a decimal part, or repeated.</summary>
    /// <param name="text">The number in UTF-8.</param>
    /// <param name="plain">At least <see cref="MaxBytes"/> bytes.</param>
    /// <param name="isComma">True for a decimal comma.</param>
    /// <param name="length">The bytes written.</param>
    /// <param name="unit">What follows the number.</param>
    /// <returns>False if it is no such number.</returns>
    internal static bool TryPlain(ReadOnlySpan<byte> text, Span<byte> plain, bool isComma, out int length, out ReadOnlySpan<byte> unit)
    {
        length = 0;
        unit = default;
        text = FileNumbers.Trim(text);
        if (text.Length is 0 or > MaxBytes) { return false; }
        var at = text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        if (at == 1) { plain[length++] = text[0]; }
        var digits = Digits(text[at..]);
        text[at..(at + digits)].CopyTo(plain[length..]);
        (at, length) = (at + digits, length + digits);
        var isCertain = true;
        if (digits is >= 1 and <= 3 && plain[length - digits] != '0') { isCertain = Groups(text, plain, isComma, ref at, ref length); }
        if (at < text.Length && text[at] == (isComma ? ',' : '.'))
        {
            var more = Digits(text[(at + 1)..]);
            plain[length++] = (byte)'.';
            text.Slice(at + 1, more).CopyTo(plain[length..]);
            (at, length, digits, isCertain) = (at + 1 + more, length + more, digits + more, true);
        }

        if (!isCertain) { return false; }
        if (at + 1 < text.Length && text[at] is (byte)'e' or (byte)'E' && Digits(text[(at + 1)..].TrimStart("+-"u8)) is > 0 and var power)
        {
            var whole = 1 + power + (text[at + 1] is (byte)'+' or (byte)'-' ? 1 : 0);
            text.Slice(at, whole).CopyTo(plain[length..]);
            (at, length) = (at + whole, length + whole);
        }

        unit = FileNumbers.Trim(text[at..]);
        if (unit is [0xC2, 0xA0, ..]) { unit = FileNumbers.Trim(unit[2..]); }       // a space that does not break
        return digits > 0 && (unit.IsEmpty || !char.IsAsciiDigit((char)unit[0]) && unit[0] is not ((byte)',' or (byte)'.' or (byte)'\''
            or (byte)':' or (byte)'-' or (byte)'/' or (byte)'_'));
    }

    /// <summary>Returns what is behind a number; null if the text does not begin with one.</summary>
    internal static string? UnitOf(string text, bool isComma)
    {
        Span<byte> plain = stackalloc byte[MaxBytes];
        return TryPlain(Encoding.UTF8.GetBytes(text), plain, isComma, out _, out var unit) ? Encoding.UTF8.GetString(unit) : null;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits < 0 ? text.Length : digits;
    }

    /// <summary>Copies groups of three digits; returns false if one group follows a comma or point, which may be a decimal one.</summary>
    private static bool Groups(ReadOnlySpan<byte> text, Span<byte> plain, bool isComma, ref int at, ref int length)
    {
        var (size, groups) = (SeparatorAt(text[at..], isComma), 0);
        var separator = text.Slice(at, size);
        while (size > 0 && text[at..].StartsWith(separator) && Digits(text[(at + size)..]) == 3)
        {
            text.Slice(at + size, 3).CopyTo(plain[length..]);
            (at, length, groups) = (at + size + 3, length + 3, groups + 1);
        }

        return groups != 1 || separator[0] is not ((byte)',' or (byte)'.');
    }

    private static int SeparatorAt(ReadOnlySpan<byte> text, bool isComma)
    {
        if (!text.IsEmpty && text[0] == (isComma ? '.' : ',')) { return 1; }
        foreach (var space in Spaces)
        {
            if (text.StartsWith(space)) { return space.Length; }
        }

        return 0;
    }
}
