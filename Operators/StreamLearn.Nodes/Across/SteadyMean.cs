namespace StreamLearn.Nodes;

/// <summary>A fading mean that ignores the first measurements (connection setup, compilation) and single outliers.</summary>
/// <remarks>A measurement above twice or below half the mean counts only if the next one confirms it; it then replaces the mean. Source:
/// the exponentially weighted mean of RFC 6298; the outlier rule is ours.</remarks>
internal sealed class SteadyMean(int warmUp)
{
    internal const double Share = 0.3;

    private const double Odd = 2;

    private int _seen;
    private double _value = double.NaN;
    private double _odd = double.NaN;       // the last measurement, if it was an outlier

    internal double? Value => double.IsNaN(_value) ? null : _value;

    internal bool IsDoubtful => !double.IsNaN(_odd);

    internal bool Add(double measured)
    {
        if (_seen < warmUp)
        {
            _seen++;
            return false;
        }

        if (double.IsNaN(_value))
        {
            _value = measured;
            return true;
        }

        if (measured <= Odd * _value && Odd * measured >= _value)
        {
            (_value, _odd) = (_value + (Share * (measured - _value)), double.NaN);
            return false;
        }

        var isAgain = IsDoubtful && measured > _value == _odd > _value;
        (_value, _odd) = isAgain ? (measured, double.NaN) : (_value, measured);
        return isAgain;
    }

    internal void Scale(double factor) => _value *= factor;

    internal void State(ref StateStream s)
    {
        s.Value(ref _seen, 0, warmUp);
        s.Value(ref _value);
        s.Value(ref _odd);
    }
}
