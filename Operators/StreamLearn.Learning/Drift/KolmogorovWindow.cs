namespace StreamLearn.Learning;

/// <summary>Kolmogorov-Smirnov test of the newest values against an equal number of sampled older ones.</summary>
/// <remarks>Cost: O(recent · log recent), ten times while recent values are replaced. Source: Raab, Heusinger, Schleif (2020).</remarks>
internal sealed class KolmogorovWindow(Kswin rule) : IDriftStatistic
{
    private readonly double[] _values = new double[rule.Rows];       // a ring: once it is full, the oldest value is at the next position
    private readonly double[] _newest = new double[rule.Recent];
    private readonly double[] _drawn = new double[rule.Recent];
    private readonly RandomStream _random = new(rule.Seed, "kswin");
    private int _count;
    private int _next;
    private int _sinceCheck;

    public double Mean
    {
        get
        {
            var sum = 0.0;
            foreach (var value in _values.AsSpan(0, _count)) { sum += value; }
            return _count == 0 ? 0 : sum / _count;
        }
    }

    public DriftLevel Add(double value)
    {
        _values[_next] = value;
        _next = (_next + 1) % rule.Rows;
        if (_count < rule.Rows) { _count++; }
        if (_count < rule.Rows || ++_sinceCheck < rule.Recent / 10) { return DriftLevel.Steady; }
        _sinceCheck = 0;
        if (Distance() <= Math.Sqrt(Math.Log(2 / rule.Alpha) / rule.Recent)) { return DriftLevel.Steady; }
        _newest.CopyTo(_values, 0);
        _count = _next = rule.Recent;
        return DriftLevel.Drift;
    }

    public void State(ref StateStream s)
    {
        s.Values<double>(_values);
        _random.State(ref s);
        s.Value(ref _count, 0, rule.Rows);
        s.Value(ref _next, 0, rule.Rows - 1);
        s.Value(ref _sinceCheck, 0, rule.Recent / 10);
    }

    private double Distance()
    {
        var older = rule.Rows - rule.Recent;
        for (var k = 0; k < rule.Recent; k++)
        {
            _newest[k] = _values[(_next + older + k) % rule.Rows];
            _drawn[k] = _values[(_next + _random.NextInt32(older)) % rule.Rows];
        }

        Array.Sort(_newest);
        Array.Sort(_drawn);
        var (i, j, greatest) = (0, 0, 0);
        while (i < rule.Recent && j < rule.Recent)
        {
            var value = Math.Min(_newest[i], _drawn[j]);
            while (i < rule.Recent && _newest[i] <= value) { i++; }
            while (j < rule.Recent && _drawn[j] <= value) { j++; }
            greatest = Math.Max(greatest, Math.Abs(i - j));
        }

        return (double)greatest / rule.Recent;
    }
}
