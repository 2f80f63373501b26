using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>A mean that fades, of measurements of which the first and single odd ones do not count.</summary>
/// <remarks>
/// The first measurements are those of a connection that opens and of code that is compiled. One that is more than twice the mean, or less
/// than half of it, counts only if the next one says so too: then that one is the new mean, so that a tenfold change is followed in two.
/// Source: the exponentially weighted mean of RFC 6298; the rest is ours.
/// </remarks>
internal sealed class SteadyMean(int warmUp)
{
    /// <summary>What a new measurement counts.</summary>
    internal const double Share = 0.3;

    private const double Odd = 2;

    private int _seen;
    private double _value = double.NaN;
    private double _odd = double.NaN;       // the last measurement, if it was odd

    /// <summary>The mean; null: nothing has counted yet.</summary>
    internal double? Value => double.IsNaN(_value) ? null : _value;

    /// <summary>True if the last measurement was odd: another one would tell.</summary>
    internal bool IsDoubtful => !double.IsNaN(_odd);

    /// <summary>Adds a measurement, 0 or more. True if the mean is now another one altogether.</summary>
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

    /// <summary>Multiplies the mean, where another measurement shows that it has changed.</summary>
    internal void Scale(double factor) => _value *= factor;

    internal void State(ref StateStream s)
    {
        s.Value(ref _seen, 0, warmUp);
        s.Value(ref _value);
        s.Value(ref _odd);
    }
}
