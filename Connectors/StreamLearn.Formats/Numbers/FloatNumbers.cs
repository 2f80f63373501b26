using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>float32 with the bits of <c>float.Parse</c>, if that is finite.</summary>
/// <remarks>
/// Digits and power of ten become a float64 by one rounding each, so that it is off by two units in its last place at most. It rounds to
/// the right float32 unless it lies as near as that to the middle between two of them; then the exact reader decides.
/// </remarks>
internal readonly struct FloatNumbers : INumberRule<float>
{
    private const ulong Middle = 0x1000_0000;       // the 29 bits that a float32 drops, half way between two
    private const ulong Dropped = 0x1FFF_FFFF;
    private const ulong Margin = 4;

    public static bool TryFast(ulong digits, int places, uint negative, int power, out float value)
    {
        var wide = digits / PowersOfTen.Exact[places];
        value = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits((float)wide) | (negative << 31));
        return IsFarFromMiddle(wide) || (places == 0 && digits <= PowersOfTen.MaxExactDigits);
    }

    public static bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out float value)
    {
        var places = -number.Exponent;
        if (Math.Abs(places) <= PowersOfTen.MaxExact)
        {
            var wide = places >= 0 ? number.Digits / PowersOfTen.Exact[places] : number.Digits * PowersOfTen.Exact[-places];
            value = number.Negative ? -(float)wide : (float)wide;
            if (IsFarFromMiddle(wide) && float.IsFinite(value)) { return true; }
        }

        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
    }

    private static bool IsFarFromMiddle(double wide) =>
        ((BitConverter.DoubleToUInt64Bits(wide) - (Middle - Margin)) & Dropped) > 2 * Margin;
}
