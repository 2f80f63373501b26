using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>
/// Cross-entropy of a softmax: −ln of the probability of the label. Source: Bridle (1990); the maximum is taken away first.
/// </summary>
internal static class Softmax
{
    /// <summary>logits [classes] → probabilities [classes], in place.</summary>
    internal static void Probabilities(Span<float> logits)
    {
        var sum = Exponentials(logits, Highest(logits));
        for (var o = 0; o < logits.Length; o++) { logits[o] /= sum; }
    }

    /// <summary>logits [classes] → their gradient [classes], in place; gives the loss.</summary>
    internal static float Loss(Span<float> logits, ReadOnlySpan<float> offsets, int label)
    {
        for (var o = 0; o < offsets.Length; o++) { logits[o] += offsets[o]; }
        var highest = Highest(logits);
        var score = logits[label] - highest;
        var sum = Exponentials(logits, highest);
        for (var o = 0; o < logits.Length; o++) { logits[o] = (logits[o] / sum) - (o == label ? 1 : 0); }
        return MathF.Log(sum) - score;
    }

    private static float Highest(ReadOnlySpan<float> scores)
    {
        var highest = scores[0];
        for (var o = 1; o < scores.Length; o++) { highest = MathF.Max(highest, scores[o]); }
        return highest;
    }

    /// <summary>Replaces scores by e^(score − highest) and adds them up in order.</summary>
    private static float Exponentials(Span<float> scores, float highest)
    {
        for (var o = 0; o < scores.Length; o++) { scores[o] -= highest; }
        TensorPrimitives.Exp(scores, scores);
        float sum = 0;
        foreach (var value in scores) { sum += value; }
        return sum;
    }
}
