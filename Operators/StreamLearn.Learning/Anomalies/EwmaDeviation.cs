namespace StreamLearn.Learning;

/// <summary>Old rows fade. The first rows have equal weights, and a row beyond the limit counts as at the limit.</summary>
internal sealed class EwmaDeviation(int rows, double limit, int channels) : IAnomalyStatistic
{
    private readonly double[] _means = new double[channels];
    private readonly double[] _variances = new double[channels];
    private readonly int[] _counts = new int[channels];

    public int Channel { get; private set; }

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        var (largest, least) = (0.0, 2.0 / (rows + 1));
        for (var c = 0; c < _means.Length; c++)
        {
            if (float.IsNaN(row[c])) { continue; }
            var difference = row[c] - _means[c];
            var scaled = Math.Abs(difference) * ConstantChannels.Scale(_variances[c], _means[c]);
            var score = _counts[c] > 1 ? ConstantChannels.Bound(scaled, _variances[c] == 0) : 0;
            if (score > largest) { (largest, Channel) = (score, c); }
            if (_counts[c] > rows && score > limit) { difference *= limit / score; }
            if (_counts[c] <= rows) { _counts[c]++; }
            var rate = Math.Max(least, 1.0 / _counts[c]);
            _means[c] += rate * difference;
            _variances[c] = (1 - rate) * (_variances[c] + (rate * difference * difference));
        }

        return largest;
    }

    public void State(ref StateStream s)
    {
        s.Values<double>(_means);
        s.Values<double>(_variances);
        s.Values<int>(_counts);
    }
}
