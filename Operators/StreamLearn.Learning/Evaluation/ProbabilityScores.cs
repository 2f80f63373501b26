namespace StreamLearn.Learning;

/// <summary>What the probabilities of one row are worth once its label is known; the mean over rows is the score of a stream.</summary>
/// <remarks>Source: Good (1952) for the logarithmic, Brier (1950) for the quadratic score.</remarks>
internal static class ProbabilityScores
{
    /// <summary>A probability below this counts as this.</summary>
    public const float MinProbability = 1e-7f;

    /// <summary>The log loss in nats, −ln p(label); 0 is best. What is not a number counts as the least probability.
    /// <paramref name="label"/>: the label, from 0.</summary>
    public static double LogLoss(ReadOnlySpan<float> probabilities, int label) =>
        -MathF.Log(probabilities[label] > MinProbability ? probabilities[label] : MinProbability);

    /// <summary>The Brier score, Σ (p(class) − [class is label])²; 0 is best, 2 worst. <paramref name="label"/>: the label, from
    /// 0.</summary>
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
