namespace StreamLearn.Learning;

/// <summary>Compares the error rate with its minimum.</summary>
/// <remarks>For errors of 0 and 1; finds rises only. Source: DDM, Gama, Medas, Castillo, Rodrigues (2004).</remarks>
internal sealed class ErrorRise(Ddm rule) : IDriftStatistic
{
    private long _count;
    private double _leastRate = double.PositiveInfinity;
    private double _leastDeviation = double.PositiveInfinity;

    public double Mean { get; private set; }

    public DriftLevel Add(double value)
    {
        Mean += (value - Mean) / ++_count;
        var likely = ((Mean * _count) + 1) / (_count + 2);     // a rate of 0 so far does not prove a rate of 0
        var deviation = Math.Sqrt(Math.Max(0, likely * (1 - likely)) / _count);
        if (_count < rule.MinRows) { return DriftLevel.Steady; }
        if (Mean + deviation <= _leastRate + _leastDeviation) { (_leastRate, _leastDeviation) = (Mean, deviation); }
        var level = Mean + deviation - _leastRate;
        if (level > rule.DriftAt * _leastDeviation)
        {
            (_count, Mean, _leastRate, _leastDeviation) = (0, 0, double.PositiveInfinity, double.PositiveInfinity);
            return DriftLevel.Drift;
        }

        return level > rule.WarningAt * _leastDeviation ? DriftLevel.Warning : DriftLevel.Steady;
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _count);
        Mean = s.Value(Mean);
        s.Value(ref _leastRate);
        s.Value(ref _leastDeviation);
    }
}
