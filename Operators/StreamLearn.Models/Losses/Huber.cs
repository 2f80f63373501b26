namespace StreamLearn.Models;

/// <summary>Huber loss: with e = y − t, ½e² if |e| ≤ δ, otherwise δ(|e| − ½δ), summed over the outputs of a row.</summary>
/// <remarks>Errors are added in output order, in float64. Source: Huber (1964).</remarks>
/// <param name="Delta">Error δ from which the loss is linear, above 0, in target units; default 1.</param>
public sealed record Huber(float Delta = 1) : Loss
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
            double sum = 0;
            for (var i = at; i < at + width; i++)
            {
                var error = outputs[i] - targets[i];
                var size = (double)MathF.Abs(error);
                sum += size <= Delta ? 0.5 * size * size : Delta * (size - (0.5 * Delta));
                outputs[i] = Math.Clamp(error, -Delta, Delta);
            }

            loss += sum;
        }

        return loss;
    }

    /// <inheritdoc />
    public override void Check(int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        if (!(Delta > 0 && float.IsFinite(Delta))) { throw new ArgumentException("expected a delta above 0"); }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"Huber, delta {Delta}");
}
