namespace StreamLearn.Learning;

/// <summary>Row counts per window for parts of random trees; the previous window scores rows. The first window gives the ranges.</summary>
internal sealed class HalfSpaceMasses(HalfSpaceTrees rule, int channels) : IAnomalyStatistic
{
    private readonly RunningMoments _moments = new(new Shape(channels));
    private HalfSpaces? _spaces;
    private int[] _judging = new int[HalfSpaces.PartsOf(rule)];
    private int[] _counting = new int[HalfSpaces.PartsOf(rule)];
    private long _rows;

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        if (_spaces is null)
        {
            _moments.Add(row);
            if (++_rows == rule.Rows) { Build(); }
            return 0;
        }

        var mass = _spaces.Mass(row, _judging, rule.Rows, _counting);
        var score = _rows < 2 * rule.Rows ? 0 : (double)rule.Trees * rule.Rows / (1 + mass);
        if (++_rows % rule.Rows == 0)
        {
            (_judging, _counting) = (_counting, _judging);
            Array.Clear(_counting);
        }

        return score;
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _rows);
        _moments.State(ref s);
        s.Values<int>(_judging);
        s.Values<int>(_counting);
        if (_rows < 0) { throw new StateException($"expected a count from 0, got {_rows}"); }
        if (!s.IsReading) { return; }
        _spaces = null;
        if (_rows >= rule.Rows) { Build(); }
    }

    internal string Path(int tree, ReadOnlySpan<float> row) => _spaces!.Path(tree, row);

    private void Build() => _spaces = new(
        rule, channels, c => (_moments.Mean(c), ConstantChannels.Scale(_moments.Variance(c), _moments.Mean(c))));
}
