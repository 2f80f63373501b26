namespace StreamLearn.Learning;

/// <summary>S ← value + a·S, N ← 1 + a·N, mean S/N. <paramref name="Factor"/>: a, above 0 to 1; 0.999: about a thousand values.</summary>
/// <remarks>With a = 1, it is exactly the plain mean. Source: Gama, Sebastião, Rodrigues (2013), fading factors.</remarks>
internal readonly record struct FadingMean(double Factor, double Sum, double Weight)
{
    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    public static FadingMean Of(double factor)
    {
        if (!(factor > 0 && factor <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "expected a fading factor above 0 and at most 1");
        }

        return new(factor, 0, 0);
    }

    public FadingMean Add(double value) => new(Factor, value + (Factor * Sum), 1 + (Factor * Weight));
}
