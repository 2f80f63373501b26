namespace StreamLearn.Operators;

/// <summary>Caches transforms of recent lengths, because event-time windows differ by a few rows.</summary>
internal sealed class FourierPlans
{
    private const int Kept = 16;

    private readonly RealFourier?[] _plans = new RealFourier?[Kept];
    private int _last;
    private int _next;

    internal RealFourier Of(int samples)
    {
        if (_plans[_last] is { } last && last.Samples == samples) { return last; }
        for (var i = 0; i < Kept; i++)
        {
            if (_plans[i] is { } plan && plan.Samples == samples)
            {
                _last = i;
                return plan;
            }
        }

        (_last, _next) = (_next, (_next + 1) % Kept);
        return _plans[_last] = new(samples);
    }
}
