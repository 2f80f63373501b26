using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Sums in an order that depends only on the number of values.</summary>
/// <remarks>Sixteen float64 chains, value i in chain i mod 16, then added in halves: j and j + 8, j + 4, j + 2, j + 1.</remarks>
internal static class Sums
{
    private const int Chains = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Of(ReadOnlySpan<float> values)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        var whole = values.Length / Chains * Chains;
        // no call after this, because it would move sums out of the registers
        var rest = Rest(ref Unsafe.Add(ref from, whole), values.Length - whole, whole > 0);
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint i = 0; i < whole; i += Chains)
        {
            var vector = Vector512.LoadUnsafe(ref Unsafe.Add(ref from, i));
            lower += Vector512.WidenLower(vector);
            upper += Vector512.WidenUpper(vector);
        }

        return Fold(lower + Vector512.WidenLower(rest), upper + Vector512.WidenUpper(rest));
    }

    /// <summary>Products are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (double Sum, double Product) Of(ReadOnlySpan<float> values, ReadOnlySpan<float> others)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        ref var other = ref MemoryMarshal.GetReference(others[..values.Length]);
        var whole = values.Length / Chains * Chains;
        var rest = Rest(ref Unsafe.Add(ref from, whole), values.Length - whole, whole > 0);
        var otherRest = Rest(ref Unsafe.Add(ref other, whole), values.Length - whole, whole > 0);
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (lowerProduct, upperProduct) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint i = 0; i < whole; i += Chains)
        {
            var (a, b) = (Vector512.LoadUnsafe(ref Unsafe.Add(ref from, i)), Vector512.LoadUnsafe(ref Unsafe.Add(ref other, i)));
            var (low, high) = (Vector512.WidenLower(a), Vector512.WidenUpper(a));
            lower += low;
            upper += high;
            lowerProduct += low * Vector512.WidenLower(b);
            upperProduct += high * Vector512.WidenUpper(b);
        }

        var (lowRest, highRest) = (Vector512.WidenLower(rest), Vector512.WidenUpper(rest));
        return (Fold(lower + lowRest, upper + highRest),
            Fold(lowerProduct + (lowRest * Vector512.WidenLower(otherRest)), upperProduct + (highRest * Vector512.WidenUpper(otherRest))));
    }

    /// <summary>Squares are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (double Sum, double Squares) OfSquares(ReadOnlySpan<float> values)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        var whole = values.Length / Chains * Chains;
        var rest = Rest(ref Unsafe.Add(ref from, whole), values.Length - whole, whole > 0);
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (lowerSquare, upperSquare) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint i = 0; i < whole; i += Chains)
        {
            var vector = Vector512.LoadUnsafe(ref Unsafe.Add(ref from, i));
            var (low, high) = (Vector512.WidenLower(vector), Vector512.WidenUpper(vector));
            lower += low;
            upper += high;
            lowerSquare += low * low;
            upperSquare += high * high;
        }

        var (lowRest, highRest) = (Vector512.WidenLower(rest), Vector512.WidenUpper(rest));
        return (Fold(lower + lowRest, upper + highRest), Fold(lowerSquare + (lowRest * lowRest), upperSquare + (highRest * highRest)));
    }

    /// <summary>Sums two arrays [channels, samples] into [2, channels]; without others, sums squares.</summary>
    internal static void OfChannels(ReadOnlySpan<float> values, ReadOnlySpan<float> others, int channels, Span<double> sums)
    {
        var samples = values.Length / channels;
        var products = sums[channels..];
        if (samples == 1)
        {
            OfEach(values, others.IsEmpty ? values : others, sums, products);
            return;
        }

        for (var c = 0; c < channels; c++)
        {
            var part = values.Slice(c * samples, samples);
            (sums[c], products[c]) = others.IsEmpty ? OfSquares(part) : Of(part, others.Slice(c * samples, samples));
        }
    }

    private static void OfEach(ReadOnlySpan<float> values, ReadOnlySpan<float> others, Span<double> sums, Span<double> products)
    {
        var c = 0;
        for (; c + Vector256<float>.Count <= values.Length; c += Vector256<float>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(values[c..]));
            var (lowerOther, upperOther) = Vector256.Widen(Vector256.Create(others[c..]));
            lower.CopyTo(sums[c..]);
            upper.CopyTo(sums[(c + 4)..]);
            (lower * lowerOther).CopyTo(products[c..]);
            (upper * upperOther).CopyTo(products[(c + 4)..]);
        }

        for (; c < values.Length; c++) { (sums[c], products[c]) = (values[c], (double)values[c] * others[c]); }
    }

    /// <summary>Loads the rest, padded with zeros. <paramref name="hasMore"/>: true if at least sixteen values precede.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Rest(ref float values, int count, bool hasMore)
    {
        if (count == 0) { return Vector512<float>.Zero; }
        if (hasMore && Vector512.IsHardwareAccelerated)
        {
            var last = Vector512.LoadUnsafe(ref Unsafe.Subtract(ref values, Chains - count));
            return Vector512.Shuffle(last, Vector512<int>.Indices + Vector512.Create(Chains - count));      // zeros beyond the end
        }

        Span<float> filled = stackalloc float[Chains];
        MemoryMarshal.CreateReadOnlySpan(ref values, count).CopyTo(filled);
        return Vector512.Create<float>(filled);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Fold(Vector512<double> lower, Vector512<double> upper)
    {
        var eight = lower + upper;
        var four = eight.GetLower() + eight.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }
}
