namespace StreamLearn.Learning;

internal static class MomentsDistance
{
    private const double Floor = 1e-6;      // added to variances, as a share of variances and the squared step
    private const double Least = 1e-300;
    private const double Ridge = 1e-3;      // added to the diagonal of correlations
    private const double Farthest = 1e9;    // upper limit of a distance

    /// <summary>Returns the relative entropy of two normal distributions, in nats; 0.5 if one mean is off by one deviation.</summary>
    /// <remarks>In deviations of the other one. Cost: channels³. Source: Kullback, Leibler (1951); Kullback (1959), chapter 9.</remarks>
    internal static double Of(RowMoments own, RowMoments other)
    {
        var size = own.Mean.Length;
        var (scales, floors) = (new double[size], new double[size]);
        for (var c = 0; c < size; c++)
        {
            floors[c] = FloorOf(own, other, c);
            scales[c] = 1 / Math.Sqrt(other.Covariance(c, c) + floors[c]);
        }

        double[] ours = Scaled(own, scales, floors), lower = Scaled(other, scales, floors), factor = [.. ours];
        Factor(lower, size);
        Factor(factor, size);
        var (sum, column) = (-(double)size, new double[size]);
        for (var c = 0; c < size; c++) { column[c] = (own.Mean[c] - other.Mean[c]) * scales[c]; }
        Solve(lower, column);
        foreach (var value in column) { sum += value * value; }
        for (var j = 0; j < size; j++)
        {
            sum += 2 * Math.Log(lower[(j * size) + j] / factor[(j * size) + j]);
            for (var i = 0; i < size; i++) { column[i] = ours[(i * size) + j]; }
            Solve(lower, column);
            sum += LastOf(lower, column, j);
        }

        return Bounded(sum / 2);
    }

    private static double FloorOf(RowMoments own, RowMoments other, int c)
    {
        var step = own.Mean[c] - other.Mean[c];
        return (Floor * (own.Covariance(c, c) + other.Covariance(c, c) + (step * step))) + Least;
    }

    private static double Bounded(double nats) => nats < Farthest ? Math.Max(0, nats) : Farthest;       // also handles NaN

    internal static (int Column, double Nats) OfColumn(RowMoments own, RowMoments other)
    {
        var (farthest, most) = (0, 0.0);
        for (var c = 0; c < own.Mean.Length; c++)
        {
            var floor = FloorOf(own, other, c);
            var (before, step) = (other.Covariance(c, c) + floor, own.Mean[c] - other.Mean[c]);
            var ratio = (own.Covariance(c, c) + floor) / before;
            var nats = Bounded((ratio - 1 - Math.Log(ratio) + (step * step / before)) / 2);
            if (nats > most) { (farthest, most) = (c, nats); }
        }

        return (farthest, most);
    }

    private static double[] Scaled(RowMoments moments, double[] scales, double[] floors)
    {
        var (size, scaled) = (scales.Length, new double[scales.Length * scales.Length]);
        for (var i = 0; i < scaled.Length; i++)
        {
            var (row, column) = (i / size, i % size);
            scaled[i] = ((moments.Covariance(row, column) + (row == column ? floors[row] : 0)) * scales[row] * scales[column])
                + (row == column ? Ridge : 0);
        }

        return scaled;
    }

    private static void Factor(double[] matrix, int size)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var value = matrix[(i * size) + j];
                for (var k = 0; k < j; k++) { value -= matrix[(i * size) + k] * matrix[(j * size) + k]; }
                matrix[(i * size) + j] = i == j ? Math.Sqrt(Math.Max(value, Ridge)) : value / matrix[(j * size) + j];
            }
        }
    }

    private static void Solve(double[] lower, double[] column)
    {
        for (var i = 0; i < column.Length; i++)
        {
            for (var k = 0; k < i; k++) { column[i] -= lower[(i * column.Length) + k] * column[k]; }
            column[i] /= lower[(i * column.Length) + i];
        }
    }

    /// <summary>Returns value j of x in lowerᵀ · x = column, which is overwritten.</summary>
    private static double LastOf(double[] lower, double[] column, int j)
    {
        var size = column.Length;
        for (var i = size - 1; i >= j; i--)
        {
            for (var k = i + 1; k < size; k++) { column[i] -= lower[(k * size) + i] * column[k]; }
            column[i] /= lower[(i * size) + i];
        }

        return column[j];
    }
}
