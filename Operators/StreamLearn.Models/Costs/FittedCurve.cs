namespace StreamLearn.Models;

/// <summary>A positive value from two features: y = a + b·x₁ + c·x₂, of the features or their logarithms.</summary>
/// <remarks>Least squares of relative errors, because noise grows with times. Deterministic: float64 sums in order. The form with the lower
/// leave-one-out error is used. Below five points: the mean, or proportional to x₁.</remarks>
internal readonly record struct FittedCurve(double A, double B, double C, bool IsLogarithmic)
{
    private const int MinPoints = 5;
    private const double MaxError = 10;         // log error of a point whose prediction is not above 0: a factor of e¹⁰

    internal double this[double first, double second] =>
        A + (B * (IsLogarithmic ? Math.Log(first) : first)) + (C * (IsLogarithmic ? Math.Log(second) : second));

    /// <summary>Fits at least one point with values above 0. If there are few points and <paramref name="grows"/> is true, the value is
    /// proportional to the first feature.</summary>
    internal static FittedCurve Of(ReadOnlySpan<(double First, double Second, double Value)> points, bool grows)
    {
        if (points.Length < MinPoints) { return Mean(points, grows); }
        return Fit(points, LeftOut(points, true) < LeftOut(points, false), leftOut: -1);
    }

    private static FittedCurve Mean(ReadOnlySpan<(double First, double Second, double Value)> points, bool grows)
    {
        var mean = 0.0;
        foreach (var (first, _, value) in points) { mean += value / (grows ? first : 1) / points.Length; }
        return grows ? new(0, mean, 0, false) : new(mean, 0, 0, false);
    }

    /// <summary>Returns the leave-one-out mean of |log (predicted / value)|.</summary>
    private static double LeftOut(ReadOnlySpan<(double First, double Second, double Value)> points, bool isLogarithmic)
    {
        var error = 0.0;
        for (var i = 0; i < points.Length; i++)
        {
            var (first, second, value) = points[i];
            var predicted = Fit(points, isLogarithmic, i)[first, second];
            error += (predicted > 0 ? Math.Min(MaxError, Math.Abs(Math.Log(predicted / value))) : MaxError) / points.Length;
        }

        return error;
    }

    private static FittedCurve Fit(ReadOnlySpan<(double First, double Second, double Value)> points, bool isLogarithmic, int leftOut)
    {
        Span<double> sums = stackalloc double[12];          // three equations with three coefficients and a right-hand side
        Span<double> row = stackalloc double[4];
        sums.Clear();
        for (var p = 0; p < points.Length; p++)
        {
            if (p == leftOut) { continue; }
            var (first, second, value) = points[p];
            if (isLogarithmic) { (first, second) = (Math.Log(first), Math.Log(second)); }
            (row[0], row[1], row[2], row[3]) = (1 / value, first / value, second / value, 1);
            for (var i = 0; i < 3; i++)
            {
                for (var j = 0; j < 4; j++) { sums[(4 * i) + j] += row[i] * row[j]; }
            }
        }

        Solve(sums);
        return new(sums[3], sums[7], sums[11], isLogarithmic);
    }

    private static void Solve(Span<double> equations)
    {
        const double MinShare = 1e-10;            // minimum share of a feature that the previous ones do not explain
        ReadOnlySpan<double> all = [equations[0], equations[5], equations[10]];
        for (var k = 0; k < 3; k++)
        {
            var pivot = equations[5 * k];
            if (!(pivot > MinShare * all[k]))
            {
                for (var i = 0; i < 3; i++) { (equations[(4 * i) + k], equations[(4 * k) + i]) = (0, 0); }
                (equations[5 * k], equations[(4 * k) + 3]) = (1, 0);
                continue;
            }

            for (var i = 0; i < 3; i++)
            {
                if (i == k) { continue; }
                var factor = equations[(4 * i) + k] / pivot;
                for (var j = 0; j < 4; j++) { equations[(4 * i) + j] -= factor * equations[(4 * k) + j]; }
            }
        }

        for (var k = 0; k < 3; k++) { equations[(4 * k) + 3] /= equations[5 * k]; }
    }
}
