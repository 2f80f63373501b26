using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>Output factors as 32-bit integers and shifts, which requantize sums to 8 bits.</summary>
/// <remarks>A factor is M0 · 2^−n, where M0 is in [½, 1) and has 31 bits. It is applied by a rounding doubling high multiply, then a shift
/// that rounds half away from zero. Source: Jacob et al. (2018), section 2.2 and appendix B; the rounding is that of gemmlowp.</remarks>
internal sealed class FixedPoint
{
    private readonly int[] _factors;
    private readonly int[] _shifts;         // right shifts; negative: left
    private readonly bool _isRight;

    internal FixedPoint(ReadOnlySpan<double> factors)
    {
        var pitch = (factors.Length + 7) / 8 * 8;
        (_factors, _shifts) = (new int[pitch], new int[pitch]);
        for (var i = 0; i < factors.Length; i++) { (_factors[i], _shifts[i]) = Of(factors[i]); }
        _isRight = Array.TrueForAll(_shifts, static shift => shift >= 0);
    }

    internal static (int Factor, int Shift) Of(double factor)
    {
        if (!(factor > 0)) { return (0, 0); }
        var shift = -(Math.ILogB(factor) + 1);
        var rounded = (long)Math.Round(Math.ScaleB(factor, shift + 31), MidpointRounding.AwayFromZero);
        if (rounded == 1L << 31) { (rounded, shift) = (1L << 30, shift - 1); }
        return shift > 31 ? (0, 0) : shift < -22 ? (int.MaxValue, -22) : ((int)rounded, shift);
    }

    internal static int Times(int sum, int factor, int shift)
    {
        if (shift < 0)
        {
            var most = int.MaxValue >> -shift;
            sum = Math.Clamp(sum, -most, most) << -shift;
        }

        var high = (int)((((long)sum * factor) + (1L << 30)) >> 31);
        if (shift <= 0) { return high; }
        var mask = (int)((1L << shift) - 1);
        return (high >> shift) + ((high & mask) > (mask >>> 1) + (high < 0 ? 1 : 0) ? 1 : 0);
    }

    /// <summary>Computes clamp(sum · factor + zero, least, 255); the sum includes the bias. <paramref name="sums"/> and
    /// <paramref name="biases"/> are padded to whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Numbers(Span<int> sums, ReadOnlySpan<int> biases, byte zero, byte least, Span<byte> numbers)
    {
        var i = 0;
        for (; _isRight && Avx2.IsSupported && i + 8 <= numbers.Length; i += 8)
        {
            var scaled = Times(Vector256.Create<int>(sums[i..]) + Vector256.Create(biases[i..]), Vector256.Create<int>(_factors.AsSpan(i)),
                Vector256.Create<int>(_shifts.AsSpan(i)));
            var placed = Vector256.Min(scaled, Vector256.Create((int)byte.MaxValue)) + Vector256.Create((int)zero);
            var clamped = Vector256.Min(Vector256.Max(placed, Vector256.Create((int)least)), Vector256.Create((int)byte.MaxValue));
            var words = Vector128.Narrow(clamped.GetLower().AsUInt32(), clamped.GetUpper().AsUInt32());
            var bytes = Vector128.Narrow(words, words).AsUInt64().ToScalar();
            MemoryMarshal.Write(numbers[i..], in bytes);
        }

        for (; i < numbers.Length; i++)
        {
            var scaled = (long)Times(sums[i] + biases[i], _factors[i], _shifts[i]) + zero;
            numbers[i] = (byte)Math.Clamp(scaled, least, byte.MaxValue);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Times(Vector256<int> sums, Vector256<int> factors, Vector256<int> shifts)
    {
        var half = Vector256.Create(1L << 30);
        var even = Avx2.Multiply(sums, factors) + half;
        var odd = Avx2.Multiply((sums.AsUInt64() >> 32).AsInt32(), (factors.AsUInt64() >> 32).AsInt32()) + half;
        var high = Avx2.Blend((even >>> 31).AsInt32(), (odd << 1).AsInt32(), 0b10101010);
        var mask = Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, shifts.AsUInt32()) - Vector256<int>.One;
        var threshold = (mask >>> 1) - (high >> 31);
        return Avx2.ShiftRightArithmeticVariable(high, shifts.AsUInt32()) - Vector256.GreaterThan(high & mask, threshold);
    }
}
