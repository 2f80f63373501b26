namespace StreamLearn.Models;

/// <summary>Moves trained values by their gradient. Compared by value; the state is an argument.</summary>
/// <remarks>Only slices of kind <see cref="SliceKind.Trained"/> move. By default, weight decay does not apply to those named <c>….bias</c>
/// and <c>….gain</c>. The bits do not depend on the vector width.</remarks>
public abstract record Optimizer
{
    /// <summary>Step size before the schedule applies, above 0.</summary>
    public abstract float LearningRate { get; init; }

    /// <summary>Learning rate schedule; default <see cref="Schedule.Constant"/>.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>Maximum norm of the gradient over all trained values, above 0; a longer gradient is scaled down. Default
    /// infinity.</summary>
    /// <remarks>Source: Pascanu, Mikolov, Bengio (2013).</remarks>
    public virtual float ClipNorm { get; init; } = float.PositiveInfinity;

    /// <summary>State values per model value: 1 for a momentum, 2 for Adam.</summary>
    public abstract int StateValues { get; }

    /// <summary>Moves the weights by one step.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="weights">All values; the trained slices move.</param>
    /// <param name="gradients">The gradient.</param>
    /// <param name="state"><see cref="StateValues"/> per model value; zeros at first.</param>
    /// <param name="step">Number of the step since the state was zeros, from 1.</param>
    public abstract void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step);

    /// <summary>Returns the size of a step: learning rate times schedule factor.</summary>
    /// <param name="step">Step number, from 1.</param>
    public float Rate(long step) => LearningRate * Schedule.Factor(step);

    /// <summary>Rate and momentum if this is plain gradient descent, which layers can fuse; otherwise null.</summary>
    internal virtual (float Rate, float Momentum)? FusedUpdate => null;

    /// <summary>Validates the settings; called when the pipeline is wired.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public abstract void Check();

    internal void Check(ModelPlan plan, int state, long step)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Check();
        if (step < 1) { throw new ArgumentOutOfRangeException(nameof(step), step, "expected the number of a step, from 1"); }
        if (state < (long)Remembered * plan.Values)
        {
            throw new ArgumentException(
                $"expected a state of at least {(long)Remembered * plan.Values} values, {Remembered} for each of the model's, got {state}");
        }
    }

    private protected virtual int Remembered => StateValues;

    /// <summary>Returns false for biases and gains of norms, which should not be small.</summary>
    internal static bool Decays(Slice slice) =>
        !slice.Name.EndsWith(".bias", StringComparison.Ordinal) && !slice.Name.EndsWith(".gain", StringComparison.Ordinal);

    /// <summary>Computes a power by squaring, which gives the same bits with every math library.</summary>
    internal static double Power(double value, long exponent)
    {
        var power = 1.0;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) == 1) { power *= value; }
            value *= value;
        }

        return power;
    }

    /// <summary>For <see cref="ClipNorm"/>, at most 1. Adds squares in float64 in sixteen chains per trained slice, slices in
    /// order.</summary>
    private protected float Cut(ModelPlan plan, ReadOnlySpan<float> gradients)
    {
        if (float.IsPositiveInfinity(ClipNorm)) { return 1; }
        double squares = 0;
        foreach (var slice in plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            var values = slice.Of(gradients);
            squares += Sums.Of(values, values).Product;
        }

        var norm = Math.Sqrt(squares);
        return norm > ClipNorm ? (float)(ClipNorm / norm) : 1;
    }

    private protected void CheckRateAndNorm()
    {
        Above0(LearningRate, nameof(LearningRate));
        if (!(ClipNorm > 0)) { throw new ArgumentOutOfRangeException(nameof(ClipNorm), ClipNorm, "expected a norm above 0"); }
        ArgumentNullException.ThrowIfNull(Schedule);
    }

    private protected static void Above0(float value, string name)
    {
        if (!(value > 0 && float.IsFinite(value))) { throw new ArgumentOutOfRangeException(name, value, "expected a number above 0"); }
    }

    private protected static void AtLeast0(float value, string name)
    {
        if (!(value >= 0 && float.IsFinite(value))) { throw new ArgumentOutOfRangeException(name, value, "expected a number from 0"); }
    }

    private protected static void Share(float value, string name)
    {
        if (!(value is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(name, value, "expected a share in [0, 1)"); }
    }

    private protected static string OfAll(bool decaysAll) => decaysAll ? " of all" : "";

    private protected string Extras(bool clip = true) =>
        (clip && float.IsFinite(ClipNorm) ? FormattableString.Invariant($", clip {ClipNorm}") : "")
            + (Schedule == Schedule.Constant ? "" : $", {Schedule}");
}
