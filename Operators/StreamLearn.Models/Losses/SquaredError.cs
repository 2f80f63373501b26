namespace StreamLearn.Models;

/// <summary>Half the squared error, for regression: ½ Σ (y − t)² over the outputs of a row.</summary>
/// <remarks>With mean m and deviation s, outputs learn (t − m) / s and answers are m + s·y in units of the targets, whatever the scale.
/// Squares are added in output order, in float64. Source: Gauss (1809).</remarks>
/// <param name="Mean">Value of output 0, in target units; default 0.</param>
/// <param name="Deviation">Scale of an output, above 0, in target units; default 1.</param>
public sealed record SquaredError(float Mean = 0, float Deviation = 1) : Loss
{
    /// <inheritdoc />
    public override TargetKind Target => TargetKind.Value;

    /// <inheritdoc />
    public override double Gradient(Span<float> outputs, in Sample batch)
    {
        var targets = batch.Targets;
        Expect(outputs.Length, targets.Length, "targets");
        var width = outputs.Length / batch.Rows;
        double loss = 0;
        for (var at = 0; at < outputs.Length; at += width)
        {
            double squares = 0;
            for (var i = at; i < at + width; i++)
            {
                var error = outputs[i] -= (targets[i] - Mean) / Deviation;
                squares += (double)error * error;
            }

            loss += 0.5 * squares;
        }

        return loss;
    }

    /// <inheritdoc />
    public override void Answer(Span<float> outputs, int rows)
    {
        if (this is { Mean: 0, Deviation: 1 }) { return; }
        foreach (ref var value in outputs) { value = Mean + (Deviation * value); }
    }

    /// <inheritdoc />
    public override void Check(int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        if (!float.IsFinite(Mean) || !(Deviation > 0 && float.IsFinite(Deviation)))
        {
            throw new ArgumentException("expected a finite mean, and a deviation above 0");
        }
    }

    /// <inheritdoc />
    public override string ToString() => this is { Mean: 0, Deviation: 1 } ? "squared error"
        : FormattableString.Invariant($"squared error of ({Mean} + {Deviation}·output)");
}
