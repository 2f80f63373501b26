namespace StreamLearn.Learning;

/// <summary>The mean of the last values, in amortized O(1). The sum is recomputed each time the window is full, so rounding errors do not
/// accumulate. Source: Gama, Sebastião, Rodrigues (2013), sliding windows.</summary>
internal sealed class SlidingMean
{
    private readonly double[] _values;
    private int _next;
    private double _sum;

    public SlidingMean(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _values = new double[capacity];
    }

    public int Count { get; private set; }

    public double Mean => Count == 0 ? 0 : _sum / Count;

    internal void State(ref StateStream s)
    {
        s.Values<double>(_values);
        s.Value(ref _next, 0, _values.Length - 1);
        s.Value(ref _sum);
        Count = s.Value(Count, 0, _values.Length);
    }

    public void Add(double value)
    {
        _sum += value - _values[_next];
        _values[_next++] = value;
        Count = Math.Max(Count, _next);
        if (_next < _values.Length) { return; }
        (_next, _sum) = (0, 0);
        foreach (var kept in _values) { _sum += kept; }
    }
}
