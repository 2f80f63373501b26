namespace StreamLearn.Models;

/// <summary>Softmax cross-entropy, for classification: −ln of the probability of the label.</summary>
/// <remarks>With smoothing s over n classes the target is (1 − s) at the label plus s / n everywhere. Cost: one exponential per score, for
/// all rows together. Source: Bridle (1990); label smoothing, Szegedy et al. (2016).</remarks>
/// <param name="LabelSmoothing">Share s spread over all classes, in [0, 1); default 0.</param>
public sealed record SoftmaxCrossEntropy(float LabelSmoothing = 0) : Loss
{
    /// <inheritdoc />
    public override double Gradient(Span<float> outputs, in Sample batch)
    {
        Expect(batch.Rows, batch.Labels.Length, "labels");
        return Softmax.Loss(outputs, batch.LogitOffsets, batch.Labels, LabelSmoothing);
    }

    /// <inheritdoc />
    public override void Answer(Span<float> outputs, int rows) => Softmax.Probabilities(outputs, outputs.Length / rows);

    /// <inheritdoc />
    public override void Check(int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 2);
        if (!(LabelSmoothing is >= 0 and < 1)) { throw new ArgumentException("expected a label smoothing in [0, 1)"); }
    }

    /// <inheritdoc />
    public override string ToString() => LabelSmoothing == 0
        ? "softmax cross-entropy" : FormattableString.Invariant($"softmax cross-entropy, smoothing {LabelSmoothing}");
}
