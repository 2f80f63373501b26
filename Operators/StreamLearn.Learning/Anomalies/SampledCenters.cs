namespace StreamLearn.Learning;

/// <summary>After learning, the first row makes it find the centers: 20 rounds of O(sample × centers × channels).</summary>
internal sealed class SampledCenters(CenterDistance rule, int channels) : IAnomalyStatistic
{
    private const int Rounds = 20;

    private readonly RunningMoments _moments = new(new Shape(channels));
    private readonly RandomStream _random = new(rule.Seed, "center-distance");
    private readonly float[] _sample = new float[rule.SampleRows * channels];
    private readonly float[] _centers = new float[rule.Centers * channels];
    private readonly float[] _scaled = new float[channels];
    private bool _hasCenters;
    private int _nearest;

    public int Channel
    {
        get
        {
            var center = _centers.AsSpan(_nearest * channels, channels);
            var farthest = 0;
            for (var c = 1; c < channels; c++)
            {
                if (Math.Abs(_scaled[c] - center[c]) > Math.Abs(_scaled[farthest] - center[farthest])) { farthest = c; }
            }

            return farthest;
        }
    }

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        if (learns)
        {
            _moments.Add(row);
            var place = _moments.Count <= rule.SampleRows ? _moments.Count - 1 : _random.NextInt64(_moments.Count);
            if (place < rule.SampleRows) { row.CopyTo(_sample.AsSpan((int)place * channels)); }
            return 0;
        }

        if (!_hasCenters) { FindCenters(); }
        for (var c = 0; c < channels; c++) { _scaled[c] = Scaled(row[c], c); }
        _nearest = Nearest(_scaled, out var squares);
        return Math.Sqrt(squares);
    }

    public void State(ref StateStream s)
    {
        _moments.State(ref s);
        _random.State(ref s);
        s.Values<float>(_sample);
        s.Values<float>(_centers);
        s.Value(ref _hasCenters);
    }

    private float Scaled(float value, int c) => (float)ConstantChannels.Bound(
        (value - _moments.Mean(c)) * ConstantChannels.Scale(_moments.Variance(c), _moments.Mean(c)), _moments.IsAlike(c));

    /// <summary>Runs Lloyd's rounds; an empty center stays.</summary>
    private void FindCenters()
    {
        var rows = (int)Math.Min(_moments.Count, rule.SampleRows);
        for (var i = 0; i < rows * channels; i++) { _sample[i] = Scaled(_sample[i], i % channels); }
        Spread(rows);
        var (sums, counts) = (new double[_centers.Length], new int[rule.Centers]);
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(sums);
            Array.Clear(counts);
            for (var r = 0; r < rows; r++)
            {
                var row = _sample.AsSpan(r * channels, channels);
                var nearest = Nearest(row, out _);
                counts[nearest]++;
                for (var c = 0; c < channels; c++) { sums[(nearest * channels) + c] += row[c]; }
            }

            for (var i = 0; i < sums.Length; i++)
            {
                if (counts[i / channels] > 0) { _centers[i] = (float)(sums[i] / counts[i / channels]); }
            }
        }

        _hasCenters = true;
    }

    private void Spread(int rows)
    {
        var squares = new double[rows];
        Array.Fill(squares, 1);
        for (var k = 0; k < rule.Centers; k++)
        {
            var left = _random.NextDouble() * squares.Sum();
            var chosen = 0;
            for (; chosen < rows - 1 && left >= squares[chosen]; chosen++) { left -= squares[chosen]; }
            var center = _centers.AsSpan(k * channels, channels);
            _sample.AsSpan(chosen * channels, channels).CopyTo(center);
            for (var r = 0; r < rows; r++)
            {
                var own = Squares(_sample.AsSpan(r * channels, channels), center);
                squares[r] = k == 0 ? own : Math.Min(squares[r], own);
            }
        }
    }

    private int Nearest(ReadOnlySpan<float> row, out double least)
    {
        var nearest = 0;
        least = double.PositiveInfinity;
        for (var k = 0; k < rule.Centers; k++)
        {
            var squares = Squares(row, _centers.AsSpan(k * channels, channels));
            if (squares < least) { (nearest, least) = (k, squares); }
        }

        return nearest;
    }

    private static double Squares(ReadOnlySpan<float> row, ReadOnlySpan<float> center)
    {
        var sum = 0.0;
        for (var c = 0; c < row.Length; c++) { sum += (row[c] - (double)center[c]) * (row[c] - (double)center[c]); }
        return sum;
    }
}
