namespace StreamLearn.Models;

/// <summary>
/// Moves the trained values of a model by their gradient. A value that prints and compares; what it remembers is an argument.
/// </summary>
/// <remarks>
/// Only slices of kind <see cref="SliceKind.Trained"/> are moved and remembered; weight decay, where there is one, spares those named
/// <c>….bias</c> and <c>….gain</c> unless told otherwise. Each value goes its own way, in float32, so that the width of vectors does not
/// enter the bits.
/// </remarks>
public abstract record Optimizer
{
    /// <summary>Step size before the schedule, above 0.</summary>
    public abstract float LearningRate { get; init; }

    /// <summary>What the learning rate is multiplied by, step by step; default <see cref="Schedule.Constant"/>.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>
    /// Greatest Euclidean norm of a gradient over all trained values, above 0; a longer one is cut back to it. Default infinity: none is.
    /// </summary>
    /// <remarks>Source: Pascanu, Mikolov, Bengio (2013).</remarks>
    public virtual float ClipNorm { get; init; } = float.PositiveInfinity;

    /// <summary>Values remembered for each value of the model: 1 for a momentum, 2 for Adam.</summary>
    public abstract int StateValues { get; }

    /// <summary>Moves the weights by one step.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="weights">All values of the model; the trained slices are moved.</param>
    /// <param name="gradients">The gradient.</param>
    /// <param name="state"><see cref="StateValues"/> times as many values as the model has; zeros at first.</param>
    /// <param name="step">Number of the step since the state was zeros, from 1.</param>
    public abstract void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step);

    /// <summary>The step size of a step: the learning rate times the schedule's factor.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public float Rate(long step) => LearningRate * Schedule.Factor(step);

    /// <summary>
    /// The rate and momentum of plain gradient descent, if that is all this optimizer does: layers may then take the step themselves. Null
    /// for any other.
    /// </summary>
    internal virtual (float Rate, float Momentum)? FusedUpdate => null;

    /// <summary>Checks the settings; called at wiring.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public abstract void Check();

    /// <summary>Throws unless the settings are in range, and a step can be made with so much remembered.</summary>
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

    /// <summary>Values that are really remembered with these settings for each of the model's.</summary>
    private protected virtual int Remembered => StateValues;

    /// <summary>Whether weight decay is for a slice: biases and gains of norms are few, and being small is not what they are for.</summary>
    internal static bool Decays(Slice slice) =>
        !slice.Name.EndsWith(".bias", StringComparison.Ordinal) && !slice.Name.EndsWith(".gain", StringComparison.Ordinal);

    /// <summary>value to the power of a whole number, by squaring: the same bits with every mathematical library.</summary>
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

    /// <summary>
    /// What cuts the gradient back to <see cref="ClipNorm"/>; 1 if it is short enough. Squares are added in float64, in sixteen chains for
    /// each trained slice, slices in order.
    /// </summary>
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

    /// <summary>Throws unless rate and norm are in range.</summary>
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

    /// <summary>What a cut and a schedule add to the text of an optimizer; empty without.</summary>
    private protected string Extras(bool clip = true) =>
        (clip && float.IsFinite(ClipNorm) ? FormattableString.Invariant($", clip {ClipNorm}") : "")
            + (Schedule == Schedule.Constant ? "" : $", {Schedule}");
}
