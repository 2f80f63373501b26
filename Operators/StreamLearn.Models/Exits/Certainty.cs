namespace StreamLearn.Models;

/// <summary>Probabilities of one row, and how sure they are.</summary>
/// <remarks>
/// All from d = (logit − highest logit) / temperature: p = e^d / S with S = Σ e^d, in the order of the classes, so that nothing overflows
/// and the width of the vectors does not enter the bits. Entropy −Σ p ln p = ln S − Σ e^d·d / S needs one logarithm, in float64.
/// </remarks>
internal static class Certainty
{
    private const int OnStack = 256;

    /// <summary>Measures how sure the scores of a row are; NaN if they are not numbers.</summary>
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

    /// <summary>logits [classes] → probabilities [classes].</summary>
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
