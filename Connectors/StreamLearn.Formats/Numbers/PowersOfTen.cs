using System.Numerics;

namespace StreamLearn.Formats;

internal static class PowersOfTen
{
    /// <summary>The largest power of ten exact in float64.</summary>
    internal const int MaxExact = 22;

    /// <summary>float64 is exact up to this number.</summary>
    internal const ulong MaxExactDigits = 1UL << 53;

    /// <summary>Between these powers of five, 128 bits are exact or decide every rounding.</summary>
    internal const int MinFive = -27, MaxFive = 55;

    internal static readonly double[] Exact =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    internal static readonly ulong[] Whole = [.. Enumerable.Range(0, 20).Select(p => (ulong)BigInteger.Pow(10, p))];

    /// <summary>5^p from <see cref="MinFive"/>, normalized to 128 bits.</summary>
    internal static readonly (ulong High, ulong Low)[] Fives = [.. Enumerable.Range(MinFive, MaxFive - MinFive + 1).Select(Five)];

    private static (ulong High, ulong Low) Five(int power)
    {
        var five = BigInteger.Pow(5, Math.Abs(power));
        var bits = (int)five.GetBitLength();
        var scaled = power >= 0 ? five << (128 - bits) : (BigInteger.One << (bits + 127)) / five + 1;
        return ((ulong)(scaled >> 64), (ulong)(scaled & ulong.MaxValue));
    }
}
