using System.Numerics.Tensors;

namespace StreamLearn.Fleets;

/// <summary>How much of a local step's worth is left late in a round: a device that goes its own way for long helps the others
/// less.</summary>
/// <param name="Early">The inner product of the gradient of all devices at a version with that of their second local steps from it.</param>
/// <param name="Late">The same with that of their last steps but one on the way to it.</param>
/// <param name="Spread">The distance between a device's gradient and that of all, over the length of the latter.</param>
/// <remarks>
/// The rows of each step are others, so that chance does not make a product greater. Where devices have like data, early and late steps are
/// worth the same. NaN: it was not measured, as a round of one step has neither.
/// </remarks>
public readonly record struct LocalWorth(double Early, double Late, double Spread)
{
    /// <summary>Puts together the gradients of all devices.</summary>
    internal static LocalWorth Of(ReadOnlySpan<float> all, ReadOnlySpan<float> early, ReadOnlySpan<float> late, double apart) => new(
        early.IsEmpty ? double.NaN : TensorPrimitives.Dot(all, early),
        late.IsEmpty ? double.NaN : TensorPrimitives.Dot(all, late),
        apart / TensorPrimitives.Norm(all));
}

/// <summary>What rounds have shown of the worth of local steps: a step after <c>t</c> others is worth <c>exp(−decay t)</c> of a step that
/// all devices make together.</summary>
/// <remarks>Sums over rounds, of which each counts .9 of the one after it: a single product is mostly chance once a model has
/// learned.</remarks>
internal record struct WorthCourse
{
    private const double Kept = 0.9;
    private const double LeastWorth = 0.05;             // less is not told from chance
    private const double LeastDecay = 1e-5;
    private const double MostAlike = 0.1;
    private const double StepsOfChance = 5;             // the first product of so few steps counts no more than what is assumed
    private const double StepsOfSpreadOne = 40;         // 1 / decay that is assumed before one has been measured, for a spread of 1

    private double _early;
    private double _late;
    private double _logSteps;           // weighted by the early products
    private double _spread;             // 0: not known

    /// <summary>The most steps of a round that was measured; 0: none was.</summary>
    internal int Measured { get; private set; }

    /// <summary>By how much a local step is worth less than the one before, above 0; null: nothing is known of the devices.</summary>
    internal double? Decay { get; private set; }

    /// <summary>True if the devices' gradients were the same, as far as could be told.</summary>
    internal readonly bool AreAlike => _spread <= MostAlike;

    /// <summary>The decay that goes by the first gradients alone.</summary>
    private readonly double Assumed => Math.Max(LeastDecay, _spread / StepsOfSpreadOne);

    /// <summary>Takes in a round. <paramref name="steps"/>: those of the round before, whose last ones were measured.</summary>
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
        if (!(_early > 0))      // chance: long rounds on a guess do less harm than short ones
        {
            Decay = Math.Min(Decay ?? double.PositiveInfinity, Assumed);
            return;
        }

        var share = Math.Clamp(_late / _early, LeastWorth, 1);
        Decay = Math.Max(LeastDecay, -Math.Log(share) / Math.Exp(Math.Clamp(_logSteps / _early, 0, Math.Log(most))));
    }

    /// <summary>Begins with what is assumed, as if a round of so many steps had shown it.</summary>
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
