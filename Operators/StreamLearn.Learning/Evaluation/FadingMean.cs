namespace StreamLearn.Learning;

/// <summary>A mean in which a value counts less the older it is: S ← value + a·S, N ← 1 + a·N, mean S/N. A value of its own.
/// <paramref name="Factor"/>: the fading factor a, above 0 and at most 1; 0.999 forgets over about a thousand values.</summary>
/// <remarks>
/// With a = 1 it is the plain mean, bit for bit. Cost: O(1). Source: Gama, Sebastião, Rodrigues (2013), fading factors.
/// </remarks>
internal readonly record struct FadingMean(double Factor, double Sum, double Weight)
{
    /// <summary>The mean; 0 without values.</summary>
    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    /// <summary>Makes a mean of no values.</summary>
    public static FadingMean Of(double factor)
    {
        if (!(factor > 0 && factor <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "expected a fading factor above 0 and at most 1");
        }

        return new(factor, 0, 0);
    }

    /// <summary>The mean with one value more.</summary>
    public FadingMean Add(double value) => new(Factor, value + (Factor * Sum), 1 + (Factor * Weight));
}
