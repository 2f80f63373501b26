using System.Globalization;
using System.Numerics;

namespace StreamLearn.Formats;

/// <summary>Finite float64 numbers with the same bits as <c>double.Parse</c>.</summary>
/// <remarks>Up to 2^53, digits and power are exact and one division rounds (Clinger 1990); beyond, a 128-bit product decides. Source:
/// Lemire (2021), Number parsing at a gigabyte per second, algorithm 1.</remarks>
internal readonly struct DoubleNumbers : INumberRule<double>
{
    private const int MantissaBits = 52;
    private const int Bias = 1023;

    public static bool TryFast(ulong digits, int places, uint negative, int power, out double value)
    {
        if (digits <= PowersOfTen.MaxExactDigits) { value = digits / PowersOfTen.Exact[places]; }
        else if (!TryProduct(digits, -places, out value)) { return false; }
        value = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(value) | ((ulong)negative << 63));
        return true;
    }

    public static bool TryMake(in DecimalNumber number, ReadOnlySpan<byte> text, int power, out double value)
    {
        if (!number.Cut && number.Digits != 0 && TryProduct(number.Digits, number.Exponent, out value))
        {
            value = number.Negative ? -value : value;
            return true;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>Rounds digits × 10^power, where digits is not 0; returns false if 128 bits may not be sufficient.</summary>
    internal static bool TryProduct(ulong digits, int power, out double value)
    {
        value = 0;
        if (power is < PowersOfTen.MinFive or > PowersOfTen.MaxFive) { return false; }
        var leading = BitOperations.LeadingZeroCount(digits);
        var five = PowersOfTen.Fives[power - PowersOfTen.MinFive];
        digits <<= leading;
        var high = Math.BigMul(digits, five.High, out var low);
        if ((high & 0x1FF) == 0x1FF)
        {
            var more = Math.BigMul(digits, five.Low, out _);
            low += more;
            if (low < more) { high++; }
        }

        var top = (int)(high >> 63);
        var shift = top + 64 - MantissaBits - 3;
        var mantissa = high >> shift;
        var exponent = ((217706 * power) >> 16) + 63 + top - leading + Bias;        // ⌊power × log2 10⌋
        if (low <= 1 && power is >= -4 and <= 23 && (mantissa & 3) == 1 && mantissa << shift == high) { mantissa &= ~1UL; }
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        if (mantissa >= 2UL << MantissaBits) { (mantissa, exponent) = (1UL << MantissaBits, exponent + 1); }
        value = BitConverter.UInt64BitsToDouble((mantissa & ~(1UL << MantissaBits)) | ((ulong)exponent << MantissaBits));
        return true;        // the allowed powers give only normal numbers
    }
}
