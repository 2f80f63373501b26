namespace StreamLearn.Models;

/// <summary>Cross-entropy of independent binary outputs, from scores: −t ln σ(s) − (1 − t) ln(1 − σ(s)), summed over the outputs of a
/// row.</summary>
/// <remarks>Computed stably as max(s, 0) − s·t + ln(1 + e^−|s|). Targets are in [0, 1]. Without targets, labels apply: 0 or 1 for one
/// output, otherwise one-hot. Answers are σ(s). Terms are added in output order, in float64. Source: Cox (1958).</remarks>
public sealed record BinaryCrossEntropy : Loss
{
    private const int AtOnce = 256;

    /// <inheritdoc />
    public override double Gradient(Span<float> outputs, in Sample batch)
    {
        var (width, byLabel) = (outputs.Length / batch.Rows, batch.Targets.IsEmpty);
        if (byLabel) { Expect(batch.Rows, batch.Labels.Length, "labels, or a target for each output"); }
        else { Expect(outputs.Length, batch.Targets.Length, "targets"); }
        Span<float> powers = stackalloc float[AtOnce];
        double loss = 0, row = 0;
        for (var from = 0; from < outputs.Length; from += AtOnce)
        {
            var part = powers[..Math.Min(AtOnce, outputs.Length - from)];
            Powers(outputs.Slice(from, part.Length), part);
            for (var i = 0; i < part.Length; i++)
            {
                var at = from + i;
                var (score, target) = (outputs[at], byLabel ? Wanted(batch.Labels[at / width], at % width, width) : batch.Targets[at]);
                row += Math.Max(score, 0) - ((double)score * target) + Math.Log(1 + (double)part[i]);
                outputs[at] = Probability(score, part[i]) - target;
                if ((at + 1) % width > 0) { continue; }
                loss += row;
                row = 0;
            }
        }

        return loss;
    }

    /// <inheritdoc />
    public override void Answer(Span<float> outputs, int rows)
    {
        Span<float> powers = stackalloc float[AtOnce];
        for (; !outputs.IsEmpty; outputs = outputs[Math.Min(AtOnce, outputs.Length)..])
        {
            var part = powers[..Math.Min(AtOnce, outputs.Length)];
            Powers(outputs[..part.Length], part);
            for (var i = 0; i < part.Length; i++) { outputs[i] = Probability(outputs[i], part[i]); }
        }
    }

    /// <inheritdoc />
    public override void Check(int outputs) => ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);

    /// <inheritdoc />
    public override string ToString() => "binary cross-entropy";

    private static float Wanted(int label, int output, int outputs)
    {
        if (outputs == 1) { return OneOf(label); }
        if ((uint)label >= (uint)outputs) { throw new ArgumentException($"expected a label below {outputs}, got {label}"); }
        return label == output ? 1 : 0;
    }

    private static void Powers(ReadOnlySpan<float> scores, Span<float> powers)
    {
        for (var i = 0; i < powers.Length; i++) { powers[i] = -MathF.Abs(scores[i]); }
        Exponentials.Of(powers);
    }

    private static float Probability(float score, float power) => (score >= 0 ? 1 : power) / (1 + power);
}
