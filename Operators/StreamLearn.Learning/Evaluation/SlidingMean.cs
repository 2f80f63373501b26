namespace StreamLearn.Learning;

/// <summary>The mean of the last so many values.</summary>
/// <remarks>
/// State: those values. Cost: O(1) amortized; nothing is allocated after construction. The sum is made anew each time the window is full,
/// so that rounding does not add up over a stream. Source: Gama, Sebastião, Rodrigues (2013), sliding windows.
/// </remarks>
internal sealed class SlidingMean
{
    private readonly double[] _values;
    private int _next;
    private double _sum;

    /// <summary>Makes a mean of no values.</summary>
    public SlidingMean(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _values = new double[capacity];
    }

    /// <summary>Values in the window.</summary>
    public int Count { get; private set; }

    /// <summary>The mean; 0 without values.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    internal void State(ref StateStream s)
    {
        s.Values<double>(_values);
        s.Value(ref _next, 0, _values.Length - 1);
        s.Value(ref _sum);
        Count = s.Value(Count, 0, _values.Length);
    }

    /// <summary>Takes a value, and forgets the oldest when the window is full.</summary>
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
