namespace StreamLearn.Models;

/// <summary>Half the squared distance to the targets: ½ Σ (y − t)² over the outputs of a row. The loss of least squares.</summary>
/// <remarks>Squares are added in the order of the outputs, in float64. Source: Gauss (1809).</remarks>
public sealed record SquaredError : Loss
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
                var error = outputs[i] -= targets[i];
                squares += (double)error * error;
            }

            loss += 0.5 * squares;
        }

        return loss;
    }

    /// <inheritdoc />
    public override void Check(int outputs) => ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);

    /// <inheritdoc />
    public override string ToString() => "squared error";
}
