namespace StreamLearn.Learning;

/// <summary>How far answers of a model of a value were from their targets, as sums that add up.</summary>
/// <remarks>Source: Welford (1962); Chan, Golub, LeVeque (1983) for adding up.</remarks>
/// <param name="Count">Answers.</param>
/// <param name="AbsoluteSum">Sum of |answer − target|.</param>
/// <param name="SquareSum">Sum of (answer − target)².</param>
/// <param name="TargetMean">Mean of the targets.</param>
/// <param name="TargetSquares">Sum of the squared distances of the targets to their mean.</param>
public readonly record struct ValueErrors(
    long Count, double AbsoluteSum, double SquareSum, double TargetMean, double TargetSquares)
{
    /// <summary>Mean of |answer − target|, in units of the target (MAE); NaN without answers.</summary>
    public double MeanAbsolute => Count == 0 ? double.NaN : AbsoluteSum / Count;

    /// <summary>Root of the mean of (answer − target)², in units of the target (RMSE); NaN without answers.</summary>
    public double RootMeanSquare => Count == 0 ? double.NaN : Math.Sqrt(SquareSum / Count);

    /// <summary>Share of the targets' variance that the answers tell, at most 1 (R²); NaN where targets do not differ.</summary>
    public double R2 => TargetSquares > 0 ? 1 - (SquareSum / TargetSquares) : double.NaN;

    /// <summary>Adds the errors of other answers.</summary>
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
    /// <param name="answer">The answer.</param>
    /// <param name="target">What it should have been.</param>
    public ValueErrors Add(double answer, double target) =>
        Add(new(1, Math.Abs(answer - target), (answer - target) * (answer - target), target, 0));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"mean absolute error {MeanAbsolute:0.####}, root mean square {RootMeanSquare:0.####}, R² {R2:0.000}");

    internal static void State(ref StateStream s, ref ValueErrors errors) => errors = new(
        s.Value(errors.Count), s.Value(errors.AbsoluteSum), s.Value(errors.SquareSum), s.Value(errors.TargetMean),
        s.Value(errors.TargetSquares));
}
