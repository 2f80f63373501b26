namespace StreamLearn.Learning;

/// <summary>Compares blocks of values over the deciles of the first ones.</summary>
/// <remarks>Σ (p − q) ln(p/q) over bins; half a value is added to each bin so that none is empty. A change resets the deciles. Source:
/// Siddiqi (2006), population stability index.</remarks>
internal sealed class PopulationShift(PopulationStability rule) : IDriftStatistic
{
    private const int Bins = 10;

    private readonly double[] _reference = new double[rule.ReferenceRows];
    private readonly double[] _edges = new double[Bins - 1];
    private readonly int[] _expected = new int[Bins];
    private readonly int[] _counts = new int[Bins];
    private int _known;         // values in the reference
    private int _count;         // values in this block
    private double _sum;        // sum of this block

    public double Mean { get; private set; }

    public DriftLevel Add(double value)
    {
        if (_known < rule.ReferenceRows)
        {
            _reference[_known++] = value;
            Mean += (value - Mean) / _known;
            if (_known == rule.ReferenceRows) { FindEdges(); }
            return DriftLevel.Steady;
        }

        _counts[BinOf(value)]++;
        _sum += value;
        if (++_count < rule.Rows) { return DriftLevel.Steady; }
        var isShift = Index() > rule.Threshold;
        Mean = _sum / _count;
        (_count, _sum) = (0, 0);
        Array.Clear(_counts);
        if (isShift) { _known = 0; }        // the following values are the new reference
        return isShift ? DriftLevel.Drift : DriftLevel.Steady;
    }

    public void State(ref StateStream s)
    {
        s.Values<double>(_reference);
        s.Values<double>(_edges);
        s.Values<int>(_expected);
        s.Values<int>(_counts);
        s.Value(ref _known, 0, rule.ReferenceRows);
        s.Value(ref _count, 0, rule.Rows - 1);
        s.Value(ref _sum);
        Mean = s.Value(Mean);
    }

    private int BinOf(double value)
    {
        var bin = 0;
        while (bin < Bins - 1 && value > _edges[bin]) { bin++; }
        return bin;
    }

    private void FindEdges()
    {
        Array.Sort(_reference);
        Array.Clear(_expected);
        for (var b = 1; b < Bins; b++) { _edges[b - 1] = _reference[(b * rule.ReferenceRows / Bins) - 1]; }
        foreach (var value in _reference) { _expected[BinOf(value)]++; }
    }

    private double Index()
    {
        var sum = 0.0;
        for (var b = 0; b < Bins; b++)
        {
            var now = (_counts[b] + 0.5) / (rule.Rows + (Bins * 0.5));
            var then = (_expected[b] + 0.5) / (rule.ReferenceRows + (Bins * 0.5));
            sum += (now - then) * Math.Log(now / then);
        }

        return sum;
    }
}
