namespace StreamLearn.Models;

/// <summary>Smooth support vector machine with one output and squared hinge loss: ½ max(0, 1 − y·s)², where y is +1 for label 1 and −1 for
/// label 0.</summary>
/// <remarks>Answers are (1 + s) / 2, clipped to [0, 1]. Weight decay belongs to the optimizer. Source: S. Wang et al. (2019), Adaptive
/// Federated Learning in Resource Constrained Edge Computing Systems, table I.</remarks>
public sealed record SmoothSvm : Loss
{
    /// <inheritdoc />
    public override double Gradient(Span<float> outputs, in Sample batch)
    {
        Expect(outputs.Length, batch.Labels.Length, "labels, one for each output");
        double loss = 0;
        for (var r = 0; r < outputs.Length; r++)
        {
            var side = (2 * OneOf(batch.Labels[r])) - 1;
            var missing = 1 - (side * outputs[r]);
            if (missing <= 0 && float.IsFinite(missing)) { missing = 0; }       // an infinite score is not a good answer
            outputs[r] = -side * missing;
            loss += 0.5 * missing * missing;
        }

        return loss;
    }

    /// <inheritdoc />
    public override void Answer(Span<float> outputs, int rows)
    {
        foreach (ref var score in outputs) { score = Math.Clamp((1 + score) / 2, 0, 1); }
    }

    /// <inheritdoc />
    public override void Check(int outputs)
    {
        if (outputs != 1) { throw new ArgumentException($"smooth SVM: expected 1 output, got {outputs}"); }
    }

    /// <inheritdoc />
    public override string ToString() => "smooth SVM";
}
