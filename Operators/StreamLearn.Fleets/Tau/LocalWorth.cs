using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>What late local steps are still worth: a device that diverges for long helps the others less.</summary>
/// <remarks>Each step uses other rows, so that chance does not inflate a product. With similar data, early and late steps are worth the
/// same. NaN: not measured, as in rounds of one step.</remarks>
internal readonly record struct LocalWorth(double Early, double Late, double Spread)
{
    internal static LocalWorth Of(ReadOnlySpan<float> all, ReadOnlySpan<float> early, ReadOnlySpan<float> late, double apart) => new(
        early.IsEmpty ? double.NaN : TensorPrimitives.Dot(all, early),
        late.IsEmpty ? double.NaN : TensorPrimitives.Dot(all, late),
        apart / TensorPrimitives.Norm(all));
}

/// <summary>Worth of local steps: after <c>t</c> others, a step is worth <c>exp(−decay t)</c> of a joint step.</summary>
/// <remarks>Sums over rounds, which decay by .9, because a single product is mostly noise once a model has learned.</remarks>
internal record struct WorthCourse
{
    private const double Kept = 0.9;
    private const double MinWorth = 0.05;             // smaller values are noise
    private const double MinDecay = 1e-5;
    private const double MaxAlike = 0.1;
    private const double StepsOfChance = 5;             // weight of the first product, in steps of the assumed value
    private const double StepsOfSpreadOne = 40;         // assumed 1 / decay for a spread of 1, until one is measured

    private double _early;
    private double _late;
    private double _logSteps;           // log of steps, weighted by the early products
    private double _spread;             // 0: unknown

    internal int Measured { get; private set; }

    /// <summary>Loss of worth per local step, above 0; null: unknown.</summary>
    internal double? Decay { get; private set; }

    internal readonly bool AreAlike => _spread <= MaxAlike;

    private readonly double Assumed => Math.Max(MinDecay, _spread / StepsOfSpreadOne);

    /// <summary><paramref name="steps"/>: those of the previous round, whose last ones were measured.</summary>
    internal void After(in LocalWorth worth, int steps, int most)
    {
        if (double.IsFinite(worth.Spread) && Measured == 0)
        {
            _spread = worth.Spread;
            Decay = Assumed;
        }

        if (!double.IsFinite(worth.Early) || !double.IsFinite(worth.Late) || steps < 2) { return; }
        if (Measured == 0 && worth.Early > 0) { Assume(worth.Early * Math.Min(1, StepsOfChance / steps), steps); }
        Measured = steps;
        _early = (Kept * _early) + worth.Early;
        _late = (Kept * _late) + worth.Late;
        _logSteps = (Kept * _logSteps) + (worth.Early * Math.Log(steps));
        if (!(_early > 0))      // noise: rounds that are wrongly long do less harm than short ones
        {
            Decay = Math.Min(Decay ?? double.PositiveInfinity, Assumed);
            return;
        }

        var share = Math.Clamp(_late / _early, MinWorth, 1);
        Decay = Math.Max(MinDecay, -Math.Log(share) / Math.Exp(Math.Clamp(_logSteps / _early, 0, Math.Log(most))));
    }

    private void Assume(double weight, int steps) =>
        (_early, _late, _logSteps) = (weight, weight * Math.Exp(-steps * Assumed), weight * Math.Log(steps));

    internal void State(ref StateStream s)
    {
        s.Value(ref _early);
        s.Value(ref _late);
        s.Value(ref _logSteps);
        s.Value(ref _spread);
        Measured = s.Value(Measured, 0, int.MaxValue);
        Decay = s.Value(Decay ?? double.NaN) is var decay && double.IsNaN(decay) ? null : decay;
    }
}
