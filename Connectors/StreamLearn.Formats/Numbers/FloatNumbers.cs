using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>Finite float32 numbers with the same bits as <c>float.Parse</c>.</summary>
/// <remarks>The float64 intermediate is off by at most two units in the last place; near a midpoint, the exact reader decides.</remarks>
internal readonly struct FloatNumbers : INumberRule<float>
{
    private const ulong Middle = 0x1000_0000;       // half of the 29 bits that a float32 drops
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
