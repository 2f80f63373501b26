namespace StreamLearn.Formats;

internal readonly struct Int32Numbers : INumberRule<int>
{
    public static bool TryFast(ulong digits, int places, uint negative, int power, out int value)
    {
        value = negative == 0 ? (int)digits : -(int)digits;
        return places == 0 && digits <= int.MaxValue;
    }

    public static bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out int value)
    {
        var fits = Int64Numbers.TryMake(number, text, power, out var wide) && wide is >= int.MinValue and <= int.MaxValue;
        value = fits ? (int)wide : 0;
        return fits;
    }
}

internal readonly struct Int64Numbers : INumberRule<long>
{
    public static bool TryFast(ulong digits, int places, uint negative, int power, out long value)
    {
        value = negative == 0 ? (long)digits : -(long)digits;
        return places == 0 && digits <= long.MaxValue;
    }

    public static bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out long value)
    {
        value = 0;
        return number.Whole && number.Exponent == 0 && TrySign(number.Digits, number.Negative, out value);
    }

    internal static bool TrySign(ulong digits, bool negative, out long value)
    {
        value = negative ? (long)(0 - digits) : (long)digits;
        return digits <= long.MaxValue || (negative && digits == 1UL << 63);
    }
}

/// <summary>Exact int64 nanoseconds from units of 10^(power−9) s, truncated toward zero.</summary>
internal readonly struct TimeNumbers : INumberRule<long>
{
    public static bool TryFast(ulong digits, int places, uint negative, int power, out long value) =>
        TryScale(digits, power - places, negative != 0, out value);

    public static bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out long value) =>
        TryScale(number.Digits, number.Exponent + power, number.Negative, out value);

    private static bool TryScale(ulong digits, int power, bool negative, out long value)
    {
        value = 0;
        if (digits == 0 || power < -DecimalNumber.MaxDigits) { return true; }
        if (power >= DecimalNumber.MaxDigits) { return false; }
        if (power < 0) { return Int64Numbers.TrySign(digits / PowersOfTen.Whole[-power], negative, out value); }
        return Math.BigMul(digits, PowersOfTen.Whole[power], out var low) == 0 && Int64Numbers.TrySign(low, negative, out value);
    }
}
