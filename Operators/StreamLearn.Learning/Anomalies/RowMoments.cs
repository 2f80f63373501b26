namespace StreamLearn.Learning;

/// <summary>Count, mean and covariance of rows, which merge across devices.</summary>
/// <remarks>Cost: channels²/2 multiply-adds per row. Source: Welford (1962); Chan, Golub, LeVeque (1979) for the merge.</remarks>
public sealed class RowMoments
{
    private readonly double[] _mean;
    private readonly double[] _products;        // Σ of products of deviations, j ≥ i, row by row
    private readonly double[] _differences;
    private long _count;

    /// <summary>Creates empty moments.</summary>
    /// <param name="channels">Values per row, at least 1.</param>
    public RowMoments(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        (_mean, _differences, _products) = (new double[channels], new double[channels], new double[channels * (channels + 1) / 2]);
    }

    /// <summary>Rows.</summary>
    public long Count => _count;

    /// <summary>The mean of each channel.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>True if all values are finite, no variance is negative, and counts add exactly.</summary>
    internal bool IsSound => _count <= 1L << 53 && Array.TrueForAll(_mean, double.IsFinite) && Array.TrueForAll(_products, double.IsFinite)
        && Enumerable.Range(0, _mean.Length).All(c => Covariance(c, c) >= 0);

    internal static long BytesOf(int channels) => 8 + (8L * channels) + (4L * channels * (channels + 1));

    /// <summary>Returns a sample covariance, divided by n − 1; 0 for fewer than two rows.</summary>
    /// <param name="i">A channel, from 0.</param>
    /// <param name="j">A channel, from 0.</param>
    public double Covariance(int i, int j)
    {
        var (low, high) = (Math.Min(i, j), Math.Max(i, j));
        return _products[(low * _mean.Length) - (low * (low - 1) / 2) + high - low] / Math.Max(1, _count - 1);
    }

    /// <summary>Returns an independent copy.</summary>
    public RowMoments Copy()
    {
        var copy = new RowMoments(_mean.Length) { _count = _count };
        _mean.CopyTo(copy._mean, 0);
        _products.CopyTo(copy._products, 0);
        return copy;
    }

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        _count++;
        for (var c = 0; c < _mean.Length; c++) { _mean[c] += (_differences[c] = row[c] - _mean[c]) / _count; }
        AddProducts((_count - 1.0) / _count);
    }

    /// <summary>Adds other moments.</summary>
    /// <param name="other">Moments with the same number of channels.</param>
    /// <exception cref="ArgumentException">The number of channels differs.</exception>
    public void Merge(RowMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._mean.Length != _mean.Length)
        {
            throw new ArgumentException($"expected {_mean.Length} channels, got {other._mean.Length}", nameof(other));
        }

        if (other._count == 0) { return; }
        var (before, share) = (_count, (double)other._count / (_count + other._count));
        _count += other._count;
        for (var c = 0; c < _mean.Length; c++) { _mean[c] += (_differences[c] = other._mean[c] - _mean[c]) * share; }
        for (var k = 0; k < _products.Length; k++) { _products[k] += other._products[k]; }
        AddProducts(before * share);
    }

    /// <summary>Saves or restores the moments.</summary>
    public void State(ref StateStream s)
    {
        s.Value(ref _count);
        s.Values<double>(_mean);
        s.Values<double>(_products);
        if (_count < 0) { throw new StateException($"expected a count from 0, got {_count}"); }
    }

    private void AddProducts(double factor)
    {
        var at = 0;
        for (var i = 0; i < _mean.Length; i++)
        {
            var scaled = factor * _differences[i];
            for (var j = i; j < _mean.Length; j++) { _products[at++] += scaled * _differences[j]; }
        }
    }
}
