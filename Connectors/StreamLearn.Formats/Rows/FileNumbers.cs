namespace StreamLearn.Formats;

/// <summary>Reads JSON numbers, and also <c>+1</c>, <c>.5</c>, <c>5.</c>, <c>007</c>.</summary>
internal static class FileNumbers
{
    private const int MaxPlain = 128;

    internal static FileFault Read<T, TRule>(ReadOnlySpan<byte> text, int power, out T value)
        where T : unmanaged
        where TRule : struct, INumberRule<T>
    {
        text = Trim(text);
        if (text is [(byte)'+', >= (byte)'.', ..]) { text = text[1..]; }
        Span<byte> plain = stackalloc byte[text.Length <= MaxPlain ? text.Length + 1 : 0];
        var position = 0;
        value = default;
        if (DecimalNumber.TryRead(text, ref position, out var number) && position == text.Length)
        {
            return TRule.TryMake(number, text, power, out value) ? FileFault.None : Fault<T>(number);
        }

        if (plain.IsEmpty || !TryPlain(text, plain, out var length))
        {
            return IsInfinite(text) ? FileFault.NotFinite : FileFault.WrongType;
        }

        position = 0;
        var again = plain[..length];
        if (!DecimalNumber.TryRead(again, ref position, out number) || position != length) { return FileFault.WrongType; }
        return TRule.TryMake(number, again, power, out value) ? FileFault.None : Fault<T>(number);
    }

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    private static FileFault Fault<T>(in DecimalNumber number) =>
        (typeof(T) == typeof(int) || typeof(T) == typeof(long)) && !number.Whole ? FileFault.WrongType : FileFault.NotFinite;

    private static bool IsInfinite(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'+' or (byte)'-', ..]) { text = text[1..]; }
        return System.Text.Ascii.EqualsIgnoreCase(text, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(text, "infinity"u8);
    }

    private static bool TryPlain(ReadOnlySpan<byte> text, Span<byte> plain, out int length)
    {
        length = 0;
        if (text is [(byte)'-', ..])
        {
            plain[length++] = text[0];
            text = text[1..];
        }

        var whole = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (whole < 0) { whole = text.Length; }
        var rest = text[whole..];
        var digits = text[..whole].TrimStart((byte)'0');
        if (digits.IsEmpty) { plain[length++] = (byte)'0'; }
        digits.CopyTo(plain[length..]);
        length += digits.Length;
        var isPoint = rest is [(byte)'.', ..];
        if (whole == 0 && (!isPoint || rest.Length < 2 || !char.IsAsciiDigit((char)rest[1]))) { return false; }
        if (isPoint && (rest.Length == 1 || !char.IsAsciiDigit((char)rest[1]))) { rest = rest[1..]; }      // such as 5. and 5.e3
        if (length + rest.Length > plain.Length) { return false; }
        rest.CopyTo(plain[length..]);
        length += rest.Length;
        return true;
    }
}
