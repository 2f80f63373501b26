namespace StreamLearn.Models;

/// <summary>A loss function. A batch's loss is its rows' mean. Compares by value.</summary>
/// <remarks>A row's gradient has the same bits in any batch. Non-finite outputs or targets never give a finite loss.</remarks>
public abstract record Loss
{
    /// <summary>The target that rows must have; default a class label.</summary>
    public virtual TargetKind Target => TargetKind.Label;

    /// <summary>Replaces outputs with their gradient; returns the sum of losses, added in order.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>; on return the gradient of the sum.</param>
    /// <param name="batch">Labels, targets or teacher's scores; features are ignored.</param>
    /// <exception cref="ArgumentException">The batch lacks what the loss needs.</exception>
    public abstract double Gradient(Span<float> outputs, in Sample batch);

    /// <summary>Works like <see cref="Gradient"/>, with row weights.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>; on return the gradient of the sum.</param>
    /// <param name="batch">Labels, targets, teacher's scores and weights; features are ignored.</param>
    /// <exception cref="ArgumentException">The batch lacks what the loss needs.</exception>
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

    /// <summary>Turns outputs into answers in place: probabilities for class losses. Default: unchanged.</summary>
    /// <param name="outputs">Outputs, <c>[rows, outputs]</c>.</param>
    /// <param name="rows">Rows.</param>
    public virtual void Answer(Span<float> outputs, int rows)
    {
    }

    /// <summary>Checks the settings and the number of outputs.</summary>
    /// <exception cref="ArgumentException">The settings or the number of outputs do not fit.</exception>
    public abstract void Check(int outputs);

    private protected static float OneOf(int label) =>
        label is 0 or 1 ? label : throw new ArgumentException($"expected label 0 or 1, got {label}");

    private protected static void Expect(int expected, int actual, string what)
    {
        if (expected != actual) { throw new ArgumentException($"expected {expected} {what}, got {actual}"); }
    }
}
