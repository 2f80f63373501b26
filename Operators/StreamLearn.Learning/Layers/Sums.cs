using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>Sums over samples, in an order that their number alone decides.</summary>
/// <remarks>
/// Sixteen chains in float64: value i goes to chain i mod 16. Then chain j and chain j + 8 are added, of those j and j + 4, j and j + 2,
/// 0 and 1.
/// </remarks>
internal static class Sums
{
    private const int Chains = 16;

    /// <summary>Σ values.</summary>
    internal static double Of(ReadOnlySpan<float> values)
    {
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        while (!values.IsEmpty)
        {
            var vector = First(values);
            lower += Vector512.WidenLower(vector);
            upper += Vector512.WidenUpper(vector);
            values = values[Math.Min(Chains, values.Length)..];
        }

        return Fold(lower, upper);
    }

    /// <summary>Σ values and Σ values · others, whose products are exact.</summary>
    internal static (double Sum, double Product) Of(ReadOnlySpan<float> values, ReadOnlySpan<float> others)
    {
        var (lower, upper) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (lowerProduct, upperProduct) = (Vector512<double>.Zero, Vector512<double>.Zero);
        while (!values.IsEmpty)
        {
            var (vector, other) = (First(values), First(others));
            lower += Vector512.WidenLower(vector);
            upper += Vector512.WidenUpper(vector);
            lowerProduct += Vector512.WidenLower(vector) * Vector512.WidenLower(other);
            upperProduct += Vector512.WidenUpper(vector) * Vector512.WidenUpper(other);
            others = others[Math.Min(Chains, values.Length)..];
            values = values[Math.Min(Chains, values.Length)..];
        }

        return (Fold(lower, upper), Fold(lowerProduct, upperProduct));
    }

    /// <summary>
    /// Σ values of every channel, then Σ values · others of every channel: those of each row by the order above, added rows in order.
    /// [rows, channels, samples] twice → [2, channels].
    /// </summary>
    internal static void OfChannels(ReadOnlySpan<float> values, ReadOnlySpan<float> others, int channels, int samples, Span<double> sums)
    {
        sums.Clear();
        var products = sums[channels..];
        for (var from = 0; from < values.Length; from += channels * samples)
        {
            if (samples == 1)
            {
                AddEach(values.Slice(from, channels), others.Slice(from, channels), sums, products);
                continue;
            }

            for (var c = 0; c < channels; c++)
            {
                var at = from + (c * samples);
                var (sum, product) = Of(values.Slice(at, samples), others.Slice(at, samples));
                sums[c] += sum;
                products[c] += product;
            }
        }
    }

    /// <summary>Adds values and values · others to a sum each.</summary>
    private static void AddEach(ReadOnlySpan<float> values, ReadOnlySpan<float> others, Span<double> sums, Span<double> products)
    {
        var c = 0;
        for (; c + Vector256<float>.Count <= values.Length; c += Vector256<float>.Count)
        {
            var (value, other) = (Vector256.Create(values[c..]), Vector256.Create(others[c..]));
            var (lower, upper) = Vector256.Widen(value);
            var (lowerOther, upperOther) = Vector256.Widen(other);
            (Vector256.Create<double>(sums[c..]) + lower).CopyTo(sums[c..]);
            (Vector256.Create<double>(sums[(c + 4)..]) + upper).CopyTo(sums[(c + 4)..]);
            (Vector256.Create<double>(products[c..]) + (lower * lowerOther)).CopyTo(products[c..]);
            (Vector256.Create<double>(products[(c + 4)..]) + (upper * upperOther)).CopyTo(products[(c + 4)..]);
        }

        for (; c < values.Length; c++)
        {
            sums[c] += values[c];
            products[c] += (double)values[c] * others[c];
        }
    }

    /// <summary>The first sixteen values; zeros behind fewer.</summary>
    private static Vector512<float> First(ReadOnlySpan<float> values) =>
        values.Length >= Chains ? Vector512.Create(values) : Filled(values);

    private static Vector512<float> Filled(ReadOnlySpan<float> values)
    {
        Span<float> filled = stackalloc float[Chains];
        filled.Clear();
        values.CopyTo(filled);
        return Vector512.Create<float>(filled);
    }

    private static double Fold(Vector512<double> lower, Vector512<double> upper)
    {
        var eight = lower + upper;
        var four = eight.GetLower() + eight.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }
}
