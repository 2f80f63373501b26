using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>8-bit quantization: value = scale × (number − zero point).</summary>
/// <remarks>Source: Jacob et al. (2018), equation 1. Every range contains 0, which is exact.</remarks>
/// <param name="Scale">Step between numbers: above 0, not subnormal.</param>
/// <param name="Zero">The number that represents the value 0.</param>
public readonly record struct Affine8(float Scale, byte Zero)
{
    private const float MinScale = 1.17549435e-38f;         // a smaller scale has fewer bits than the values
    private const float MaxSpread = float.MaxValue / 2;     // with a larger range, the ends might be rounded to ∞

    /// <summary>True if the scale is usable.</summary>
    public bool IsValid => float.IsFinite(Scale) && Scale >= MinScale;

    /// <summary>Returns the quantization of values; null if one is not finite, all are equal, or no scale fits.</summary>
    public static Affine8? Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) { return null; }
        var (low, high) = RangeOf(values);
        if (!(low < high)) { return null; }                 // NaN, or all equal
        return OfRange(low, high);
    }

    /// <summary>Returns the quantization of a range, widened to contain 0; null if no scale fits.</summary>
    /// <param name="low">The minimum, inclusive.</param>
    /// <param name="high">The maximum.</param>
    public static Affine8? OfRange(float low, float high)
    {
        (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        var scale = (float)(((double)high - low) / byte.MaxValue);
        return (double)high - low <= MaxSpread && scale >= MinScale
            ? new(scale, (byte)MathF.Round(-low / scale, MidpointRounding.AwayFromZero))
            : null;
    }

    /// <summary>Rounds values to the nearest number, halves away from 0. NaN gives any number.</summary>
    /// <param name="values">The values.</param>
    /// <param name="numbers">Written: numbers, one per value.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Quantize(ReadOnlySpan<float> values, Span<byte> numbers)
    {
        var i = 0;
        for (; i + Vector256<byte>.Count <= values.Length; i += Vector256<byte>.Count)
        {
            var part = values.Slice(i, Vector256<byte>.Count);
            var first = Vector256.Narrow(Nearest(part), Nearest(part[8..]));
            var second = Vector256.Narrow(Nearest(part[16..]), Nearest(part[24..]));
            Vector256.Narrow(first, second).CopyTo(numbers[i..]);
        }

        for (; i < values.Length; i++)
        {
            var nearest = MathF.Round(values[i] / Scale, MidpointRounding.AwayFromZero) + Zero;
            numbers[i] = (byte)Math.Clamp(nearest, byte.MinValue, byte.MaxValue);
        }
    }

    /// <summary>Converts numbers to values.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="values">Written: values, one per number.</param>
    public void Restore(ReadOnlySpan<byte> numbers, Span<float> values)
    {
        Span<float> table = stackalloc float[byte.MaxValue + 1];
        for (var q = 0; q < table.Length; q++) { table[q] = Scale * (q - Zero); }
        for (var i = 0; i < numbers.Length; i++) { values[i] = table[numbers[i]]; }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<uint> Nearest(ReadOnlySpan<float> values)
    {
        var steps = Vector256.Round(Vector256.Create(values) / Vector256.Create(Scale), MidpointRounding.AwayFromZero);
        var numbers = Vector256.Clamp(steps + Vector256.Create((float)Zero), Vector256<float>.Zero, Vector256.Create((float)byte.MaxValue));
        return Vector256.ConvertToInt32Native(numbers).AsUInt32();     // small values need no other conversion
    }

    /// <summary>Returns the smallest and the largest value; both are NaN if any value is NaN.</summary>
    internal static (float Low, float High) RangeOf(ReadOnlySpan<float> values)
    {
        var (low, high, i) = (values[0], values[0], 0);
        if (values.Length >= Vector512<float>.Count)
        {
            var (lows, highs) = (Vector512.Create(low), Vector512.Create(low));
            for (; i + Vector512<float>.Count <= values.Length; i += Vector512<float>.Count)
            {
                var some = Vector512.Create(values[i..]);
                (lows, highs) = (Vector512.Min(lows, some), Vector512.Max(highs, some));     // both keep NaN
            }

            for (var lane = 0; lane < Vector512<float>.Count; lane++)
            {
                (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
            }
        }

        for (; i < values.Length; i++) { (low, high) = (Math.Min(low, values[i]), Math.Max(high, values[i])); }
        return (low, high);
    }
}
