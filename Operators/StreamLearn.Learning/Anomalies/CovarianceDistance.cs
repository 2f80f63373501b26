namespace StreamLearn.Learning;

/// <summary>Squared Mahalanobis distance, with a ridge on the correlations. Cost: channels²/2 multiply-adds per row. Source: Golub, Van
/// Loan (2013), Cholesky factorization, algorithm 4.2.1.</summary>
internal sealed class CovarianceDistance(double ridge, int channels) : IAnomalyStatistic
{
    private readonly double[] _lower = new double[channels * channels];       // lower · lowerᵀ = correlations + ridge
    private readonly double[] _scales = new double[channels];       // negative for a constant channel
    private readonly double[] _solved = new double[channels];
    private readonly double[] _column = new double[channels];
    private readonly double[] _center = new double[channels];
    private long _factored;     // number of rows in the factored moments; 0: none

    private const int Shares = 8;       // factors the moments again when the number of rows has grown by 1/8

    internal RowMoments Moments { get; } = new(channels);

    /// <summary>By (C⁻¹d)ᵢ² / (C⁻¹)ᵢᵢ. Cost: channels³/3, only for alerts. Source: Mason, Tracy, Young (1995), single channels.</summary>
    public int Channel
    {
        get
        {
            var (column, channel, most) = (_column, 0, -1.0);
            for (var i = 0; i < channels; i++)
            {
                var (own, with) = (0.0, 0.0);       // (C⁻¹)ᵢᵢ and (C⁻¹d)ᵢ, from column i of lower⁻¹
                for (var k = i; k < channels; k++)
                {
                    var value = k == i ? 1.0 : 0;
                    for (var j = i; j < k; j++) { value -= _lower[(k * channels) + j] * column[j]; }
                    column[k] = value * _lower[(k * channels) + k];
                    own += column[k] * column[k];
                    with += column[k] * _solved[k];
                }

                if (with * with > most * own) { (channel, most) = (i, with * with / own); }
            }

            return channel;
        }
    }

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        var count = Moments.Count;
        var isDue = learns ? count - _factored > count / Shares : count != _factored;
        var score = count >= Math.Max(2, 2 * channels) ? Distance(row, isDue) : 0;
        if (learns) { Moments.Add(row); }
        return score;
    }

    private double Distance(ReadOnlySpan<float> row, bool isDue)
    {
        if (isDue) { Factor(); }
        var sum = 0.0;
        for (var i = 0; i < channels; i++)      // lower · solved = scaled row
        {
            var value = ConstantChannels.Bound((row[i] - _center[i]) * Math.Abs(_scales[i]), isAlike: _scales[i] < 0);
            var factors = _lower.AsSpan(i * channels, i + 1);
            for (var k = 0; k < i; k++) { value -= factors[k] * _solved[k]; }
            _solved[i] = value * factors[i];
            sum += _solved[i] * _solved[i];
        }

        return sum;
    }

    public void State(ref StateStream s)
    {
        Moments.State(ref s);
        s.Value(ref _factored);
        if (_factored < 0 || _factored > Moments.Count)
        {
            throw new StateException($"expected 0 to {Moments.Count} rows, got {_factored}");
        }

        s.Values<double>(_center);
        s.Values<double>(_scales);
        s.Values<double>(_lower);
    }

    private void Factor()
    {
        for (var c = 0; c < channels; c++)
        {
            var variance = Moments.Covariance(c, c);
            _scales[c] = ConstantChannels.Scale(variance, Moments.Mean[c]) * (variance == 0 ? -1 : 1);
        }

        for (var i = 0; i < channels; i++)
        {
            var row = _lower.AsSpan(i * channels, channels);
            for (var j = 0; j <= i; j++)
            {
                var before = _lower.AsSpan(j * channels, channels);
                var value = (Moments.Covariance(i, j) * _scales[i] * _scales[j]) + (i == j ? ridge : 0);
                if (i == j && _scales[i] < 0) { value++; }      // a constant channel gets the same variance as others
                for (var k = 0; k < j; k++) { value -= row[k] * before[k]; }
                row[j] = i == j ? 1 / Math.Sqrt(Math.Max(value, ridge)) : value * before[j];
            }
        }

        Moments.Mean.CopyTo(_center);
        _factored = Moments.Count;
    }
}
