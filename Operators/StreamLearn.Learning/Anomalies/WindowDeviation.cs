namespace StreamLearn.Learning;

/// <summary>Sums are recomputed for each row, so rounding errors do not accumulate.</summary>
internal sealed class WindowDeviation(int rows, int channels) : IAnomalyStatistic
{
    private readonly float[] _values = new float[rows * channels];
    private readonly int[] _counts = new int[channels];
    private readonly int[] _next = new int[channels];

    public int Channel { get; private set; }

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        var largest = 0.0;
        for (var c = 0; c < _counts.Length; c++)
        {
            if (float.IsNaN(row[c])) { continue; }
            var values = _values.AsSpan(c * rows, rows);
            var score = _counts[c] == rows ? ZScore(values, row[c]) : 0;
            if (score > largest) { (largest, Channel) = (score, c); }
            if (_counts[c] < rows) { _counts[c]++; }
            values[_next[c]] = row[c];
            _next[c] = (_next[c] + 1) % rows;
        }

        return largest;
    }

    public void State(ref StateStream s)
    {
        s.Values<float>(_values);
        foreach (ref var count in _counts.AsSpan()) { s.Value(ref count, 0, rows); }
        foreach (ref var next in _next.AsSpan()) { s.Value(ref next, 0, rows - 1); }
    }

    private static double ZScore(ReadOnlySpan<float> values, double value)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var v in values) { sum += v; }
        var mean = sum / values.Length;
        foreach (var v in values) { squares += (v - mean) * (v - mean); }
        return squares > 0 ? Math.Abs(value - mean) / Math.Sqrt(squares / values.Length) : 0;
    }
}
