namespace StreamLearn.Learning;

/// <summary>The squared distance of a row from the mean of those learned from, in the measure of their covariance.</summary>
/// <remarks>Channels are scaled to their deviations, and the ridge is added to their correlations. Cost: channels²/2 multiply-adds a row.
/// Source: Golub, Van Loan (2013), Cholesky factorization, algorithm 4.2.1.</remarks>
internal sealed class CovarianceDistance(double ridge, int channels) : IAnomalyStatistic
{
    private const double Floor = 1e-8;      // added to the variance

    private readonly double[] _lower = new double[channels * channels];       // lower · lowerᵀ = correlations + ridge
    private readonly double[] _scales = new double[channels];
    private readonly double[] _solved = new double[channels];
    private bool _hasFactor;

    /// <summary>The moments of the rows learned from.</summary>
    internal RowMoments Moments { get; } = new(channels);

    /// <inheritdoc />
    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        if (learns)
        {
            Moments.Add(row);
            return 0;
        }

        if (!_hasFactor) { Factor(); }
        var sum = 0.0;
        for (var i = 0; i < channels; i++)      // lower · solved = scaled row
        {
            var value = (row[i] - Moments.Mean[i]) * _scales[i];
            var factors = _lower.AsSpan(i * channels, i + 1);
            for (var k = 0; k < i; k++) { value -= factors[k] * _solved[k]; }
            _solved[i] = value * factors[i];
            sum += _solved[i] * _solved[i];
        }

        return sum;
    }

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        Moments.State(ref s);
        if (s.IsReading) { _hasFactor = false; }
    }

    /// <summary>Factors the correlations; the diagonal holds inverses.</summary>
    private void Factor()
    {
        for (var c = 0; c < channels; c++) { _scales[c] = 1 / Math.Sqrt(Moments.Covariance(c, c) + Floor); }
        for (var i = 0; i < channels; i++)
        {
            var row = _lower.AsSpan(i * channels, channels);
            for (var j = 0; j <= i; j++)
            {
                var before = _lower.AsSpan(j * channels, channels);
                var value = (Moments.Covariance(i, j) * _scales[i] * _scales[j]) + (i == j ? ridge : 0);
                for (var k = 0; k < j; k++) { value -= row[k] * before[k]; }
                row[j] = i == j ? 1 / Math.Sqrt(Math.Max(value, ridge)) : value * before[j];
            }
        }

        _hasFactor = true;
    }
}
