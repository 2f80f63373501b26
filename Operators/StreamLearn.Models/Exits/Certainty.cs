namespace StreamLearn.Models;

/// <summary>Class probabilities of a row and their certainty.</summary>
/// <remarks>With d = (logit − highest logit) / temperature nothing overflows: p = e^d / S, S = Σ e^d in class order, so bits do not depend
/// on vector width. Entropy −Σ p ln p = ln S − Σ e^d·d / S needs one logarithm, in float64.</remarks>
internal static class Certainty
{
    private const int OnStack = 256;

    /// <summary>Returns NaN if a score is NaN.</summary>
    internal static float Of(ExitMeasure measure, ReadOnlySpan<float> logits, float temperature)
    {
        var exponentials = logits.Length <= OnStack ? stackalloc float[logits.Length] : new float[logits.Length];
        var sum = Exponentials(logits, temperature, exponentials);
        return measure switch
        {
            ExitMeasure.Entropy => Entropy(logits, temperature, exponentials, sum),
            ExitMeasure.Probability => Highest(exponentials).First / sum,
            _ => Margin(exponentials, sum),
        };
    }

    internal static void Probabilities(ReadOnlySpan<float> logits, float temperature, Span<float> probabilities)
    {
        var sum = Exponentials(logits, temperature, probabilities);
        foreach (ref var value in probabilities) { value /= sum; }
    }

    private static float Exponentials(ReadOnlySpan<float> logits, float temperature, Span<float> exponentials)
    {
        logits.CopyTo(exponentials);
        Softmax.Powers(exponentials[..logits.Length], logits.Length, temperature);
        return Softmax.Sum(exponentials[..logits.Length]);
    }

    private static float Entropy(ReadOnlySpan<float> logits, float temperature, ReadOnlySpan<float> exponentials, float sum)
    {
        var highest = Softmax.Highest(logits);
        double weighted = 0;
        for (var c = 0; c < logits.Length; c++)
        {
            if (exponentials[c] > 0) { weighted += exponentials[c] * (double)((logits[c] - highest) / temperature); }
        }

        return (float)Math.Max(0, Math.Log(sum) - (weighted / sum));
    }

    private static float Margin(ReadOnlySpan<float> exponentials, float sum)
    {
        var (first, second) = Highest(exponentials);
        return (first / sum) - (second / sum);
    }

    private static (float First, float Second) Highest(ReadOnlySpan<float> values)
    {
        var (first, second) = (float.NegativeInfinity, 0f);
        foreach (var value in values)
        {
            if (value > first) { (first, second) = (value, MathF.Max(first, 0)); }
            else { second = MathF.Max(second, value); }
        }

        return (first, second);
    }
}
