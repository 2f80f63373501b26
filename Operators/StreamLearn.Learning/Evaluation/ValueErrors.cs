namespace StreamLearn.Learning;

/// <summary>Errors of a regression model, as sums.</summary>
/// <remarks>Source: Welford (1962); Chan, Golub, LeVeque (1983) for merging.</remarks>
/// <param name="Count">Answers.</param>
/// <param name="AbsoluteSum">Sum of |answer − target|.</param>
/// <param name="SquareSum">Sum of (answer − target)².</param>
/// <param name="TargetMean">Mean target.</param>
/// <param name="TargetSquares">Sum of squared deviations of the targets from their mean.</param>
public readonly record struct ValueErrors(long Count, double AbsoluteSum, double SquareSum, double TargetMean, double TargetSquares)
{
    /// <summary>Mean absolute error (MAE), in the target's unit; NaN without answers.</summary>
    public double MeanAbsolute => Count == 0 ? double.NaN : AbsoluteSum / Count;

    /// <summary>Root mean squared error (RMSE), in the target's unit; NaN without answers.</summary>
    public double RootMeanSquare => Count == 0 ? double.NaN : Math.Sqrt(SquareSum / Count);

    /// <summary>Explained share of the targets' variance (R²), at most 1; NaN for equal targets.</summary>
    public double R2 => TargetSquares > 0 ? 1 - (SquareSum / TargetSquares) : double.NaN;

    /// <summary>Adds other errors.</summary>
    /// <param name="other">Errors of other rows.</param>
    public ValueErrors Add(ValueErrors other)
    {
        var count = Count + other.Count;
        if (count == 0) { return default; }
        var (apart, share) = (other.TargetMean - TargetMean, (double)other.Count / count);
        return new(count, AbsoluteSum + other.AbsoluteSum, SquareSum + other.SquareSum, TargetMean + (apart * share),
            TargetSquares + other.TargetSquares + (apart * apart * Count * share));
    }

    /// <summary>Adds an answer.</summary>
    public ValueErrors Add(double answer, double target) =>
        Add(new(1, Math.Abs(answer - target), (answer - target) * (answer - target), target, 0));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"mean absolute error {MeanAbsolute:0.####}, root mean square {RootMeanSquare:0.####}, R² {R2:0.000}");

    internal static void State(ref StateStream s, ref ValueErrors errors) => errors = new(
        s.Value(errors.Count), s.Value(errors.AbsoluteSum), s.Value(errors.SquareSum), s.Value(errors.TargetMean),
        s.Value(errors.TargetSquares));
}
