namespace StreamLearn.Learning;

/// <summary>Sums how far values exceed the mean; the sum rising above its minimum by a threshold is a change.</summary>
/// <remarks>Finds rises only. Source: Page (1954), Hinkley (1971); forgetting as in Gama, Sebastião, Rodrigues (2013).</remarks>
internal sealed class CumulativeRise(PageHinkley rule) : IDriftStatistic
{
    private long _count;
    private double _sum;
    private double _least;

    public double Mean { get; private set; }

    public DriftLevel Add(double value)
    {
        Mean += (value - Mean) / ++_count;
        _sum = (rule.Forgetting * _sum) + value - Mean - rule.Tolerance;
        _least = Math.Min(_least, _sum);
        if (_count < rule.MinRows || _sum - _least <= rule.Threshold) { return DriftLevel.Steady; }
        (_count, Mean, _sum, _least) = (0, 0, 0, 0);
        return DriftLevel.Drift;
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _count);
        Mean = s.Value(Mean);
        s.Value(ref _sum);
        s.Value(ref _least);
    }
}
