namespace StreamLearn.Learning;

/// <summary>Computes the logarithmic score, Good (1952), and the quadratic score, Brier (1950).</summary>
internal static class ProbabilityScores
{
    public const float MinProbability = 1e-7f;

    /// <summary>Returns the loss in nats; clamped to the minimum.</summary>
    public static double LogLoss(ReadOnlySpan<float> probabilities, int label) =>
        -MathF.Log(probabilities[label] > MinProbability ? probabilities[label] : MinProbability);

    /// <summary>Returns Σ (p(class) − [class is label])²; 0 is best, 2 worst.</summary>
    public static double Brier(ReadOnlySpan<float> probabilities, int label)
    {
        double sum = 0;
        for (var c = 0; c < probabilities.Length; c++)
        {
            var difference = probabilities[c] - (c == label ? 1.0 : 0.0);
            sum += difference * difference;
        }

        return sum;
    }
}
