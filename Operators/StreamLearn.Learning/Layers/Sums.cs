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
