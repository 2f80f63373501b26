using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>The alarm of <see cref="AdaptiveCoverage"/>, whose promise is <paramref name="coverage"/>.</summary>
internal sealed class CoverageAlarm(double coverage)
{
    private const double FalseAlarms = 0.01;        // greatest probability of an alarm without a reason

    private readonly double[] _stakes = [1 / 32.0, 1 / 8.0, 1 / 2.0];
    private readonly double[] _wealth = new double[3];
    private long _labels;

    /// <summary>The capital: 1 at the start; large if the promise is broken.</summary>
    public double Wealth => (1.0 / (_labels + 1)) + ((_wealth[0] + _wealth[1] + _wealth[2]) / 3);

    /// <summary><paramref name="isWithin"/>: at the promised share, unadapted. True: an alarm.</summary>
    public bool Observe(bool isWithin)
    {
        _labels++;
        for (var i = 0; i < _wealth.Length; i++)
        {
            var gain = isWithin ? 1 - _stakes[i] : 1 + (_stakes[i] * coverage / (1 - coverage));
            _wealth[i] = (_wealth[i] + (1.0 / _labels / (_labels + 1))) * gain;
        }

        if (Wealth < 1 / FalseAlarms) { return false; }
        _labels = 0;
        Array.Clear(_wealth);
        return true;
    }

    public void State(ref StateStream s)
    {
        var (promised, labels) = (s.Value(coverage), s.Value(_labels));
        Span<double> wealth = stackalloc double[_wealth.Length];
        _wealth.CopyTo(wealth);
        s.Values(wealth);
        if (promised != coverage || !TensorPrimitives.IsFiniteAll<double>(wealth) || TensorPrimitives.Min<double>(wealth) < 0 || labels < 0)
        {
            return;
        }

        _labels = labels;
        wealth.CopyTo(_wealth);
    }
}
