namespace StreamLearn.Models;

/// <summary>
/// What a model's outputs are measured by: a value that prints and compares. Each row counts on its own; the loss of a batch is the mean.
/// </summary>
/// <remarks>A row's gradient has the same bits in any batch. Outputs or targets that are not finite never give a finite loss.</remarks>
public abstract record Loss
{
    /// <summary>What rows bring along for it: a class, unless the loss is one of values.</summary>
    public virtual TargetKind Target => TargetKind.Label;

    /// <summary>Replaces outputs by their gradient, and gives the sum of the losses of the rows, added in order.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>; on return the gradient of the sum, not of the mean.</param>
    /// <param name="batch">Labels, targets or teacher's scores of the rows; features are not looked at.</param>
    /// <exception cref="ArgumentException">The batch has not what the loss learns from.</exception>
    public abstract double Gradient(Span<float> outputs, in Sample batch);

    /// <summary>As <see cref="Gradient"/>, where each row counts as often as its weight says.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>; on return the gradient of the sum, not of the mean.</param>
    /// <param name="batch">Labels, targets, teacher's scores and weights of the rows; features are not looked at.</param>
    /// <exception cref="ArgumentException">The batch has not what the loss learns from.</exception>
    public double WeightedGradient(Span<float> outputs, in Sample batch)
    {
        if (batch.RowWeights.IsEmpty) { return Gradient(outputs, batch); }
        Expect(batch.Rows, batch.RowWeights.Length, "row weights");
        var (width, sum) = (outputs.Length / batch.Rows, 0.0);
        for (var r = 0; r < batch.Rows; r++)
        {
            var row = outputs.Slice(r * width, width);
            sum += batch.RowWeights[r] * Gradient(row, batch.Told(r));
            foreach (ref var value in row) { value *= batch.RowWeights[r]; }
        }

        return sum;
    }

    /// <summary>Turns outputs into answers, in place: probabilities where the loss is one of classes. Default: as they are.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>.</param>
    /// <param name="rows">Rows.</param>
    public virtual void Answer(Span<float> outputs, int rows)
    {
    }

    /// <summary>Checks the settings and whether they fit so many outputs.</summary>
    /// <param name="outputs">Outputs of a row.</param>
    /// <exception cref="ArgumentException">They don't.</exception>
    public abstract void Check(int outputs);

    /// <summary>A label of two classes as a number.</summary>
    private protected static float OneOf(int label) =>
        label is 0 or 1 ? label : throw new ArgumentException($"expected label 0 or 1, got {label}");

    /// <summary>Throws unless a batch has as many values of a kind as it should.</summary>
    private protected static void Expect(int expected, int actual, string what)
    {
        if (expected != actual) { throw new ArgumentException($"expected {expected} {what}, got {actual}"); }
    }
}
