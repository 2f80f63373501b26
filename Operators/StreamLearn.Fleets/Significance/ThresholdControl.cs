using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed class ThresholdControl(SignificanceThreshold rule)
{
    private const double NewestShare = 0.1;     // weight of the newest opposition in the mean: ten updates

    private readonly MeasuredThreshold? _measured = rule as MeasuredThreshold;
    private double _threshold = rule.At(1);
    private double _opposition = MeasuredThreshold.Different;       // running mean, which starts at the value at which more is sent
    private double _held;               // squared norm of the unsent change at the last update
    private double _along;              // its dot product with the changes received since
    private double _moved;              // squared norm of those changes

    internal bool Measures => _measured is not null;

    internal float At(long clock) => Measures ? (float)_threshold : rule.At(clock);

    internal void State(ref StateStream s)
    {
        s.Value(ref _threshold);
        s.Value(ref _opposition);
        s.Value(ref _held);
        s.Value(ref _along);
        s.Value(ref _moved);
    }

    internal void Show(OperatorContext context, double threshold)
    {
        context.Gauge("threshold", threshold);
        if (Measures) { context.Gauge("opposition", _opposition); }
    }

    internal void Move(ReadOnlySpan<float> movement, ReadOnlySpan<float> unsent)
    {
        if (Measures) { Move(Sums.Of(unsent, movement).Product, Sums.OfSquares(movement).Squares); }
    }

    internal void Move(double along, double moved) => (_along, _moved) = (_along + along, _moved + moved);

    internal void Choose(int sent, ReadOnlySpan<float> unsent)
    {
        if (_measured is null) { return; }
        var opposition = -_along / Math.Sqrt(_held * _moved);
        if (double.IsFinite(opposition)) { _opposition += NewestShare * (Math.Clamp(opposition, -1, 1) - _opposition); }
        (_along, _moved, _held) = (0, 0, Sums.OfSquares(unsent).Squares);
        var changed = sent + unsent.Length - MemoryMarshal.Cast<float, int>(unsent).Count(0);
        if (changed > 0) { _threshold = _measured.Next(_threshold, (double)sent / changed, _opposition); }
    }
}
