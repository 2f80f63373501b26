namespace StreamLearn.Operators;

/// <summary>The transforms of the lengths of signals met last: windows of event time differ by a few rows.</summary>
internal sealed class FourierPlans
{
    private const int Kept = 16;

    private readonly RealFourier?[] _plans = new RealFourier?[Kept];
    private int _last;
    private int _next;

    internal RealFourier Of(int samples)
    {
        if (_plans[_last] is { } last && last.Samples == samples) { return last; }
        _last = Array.FindIndex(_plans, p => p?.Samples == samples);
        if (_last < 0)
        {
            (_last, _next) = (_next, (_next + 1) % Kept);
            _plans[_last] = new(samples);
        }

        return _plans[_last]!;
    }
}
