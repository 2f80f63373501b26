namespace StreamLearn.Models;

/// <summary>A factor of the learning rate per step. Steps count from 1 across rounds, even if optimizer state restarts. Compared by
/// value.</summary>
public abstract record Schedule
{
    /// <summary>The factor 1 for every step.</summary>
    public static Schedule Constant { get; } = new Unchanged();

    /// <summary>Returns the learning rate factor of a step.</summary>
    /// <param name="step">Step number, from 1.</param>
    public abstract float Factor(long step);

    /// <summary>Returns the schedule shifted past a number of steps.</summary>
    /// <param name="steps">Steps, at least 0.</param>
    public Schedule After(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps == 0 || this is Unchanged) { return this; }
        return this is Later later ? new Later(later.Of, later.Steps + steps) : new Later(this, steps);
    }

    /// <summary>Creates a step decay.</summary>
    /// <param name="every">Steps between changes, at least 1.</param>
    /// <param name="factor">The factor, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Schedule Step(long every, float factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        if (!(factor is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(factor), factor, "expected a factor in (0, 1]"); }
        return new Stepped(every, factor);
    }

    /// <summary>Creates a half-cosine decay from 1 to a minimum, where it stays.</summary>
    /// <remarks>Source: Loshchilov, Hutter (2017), without restarts.</remarks>
    /// <param name="steps">Steps in which the factor falls, at least 1: step 1 has factor 1, step <paramref name="steps"/> + 1 the
    /// minimum.</param>
    /// <param name="least">The minimum factor, in [0, 1]; default 0: weights no longer move.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Schedule Cosine(long steps, float least = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!(least is >= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(least), least, "expected a factor in [0, 1]"); }
        return new HalfCosine(steps, least);
    }

    /// <summary>Creates a linear warm-up to 1, followed by another schedule.</summary>
    /// <remarks>Source: Goyal et al. (2017), gradual warm-up.</remarks>
    /// <param name="steps">Warm-up steps, at least 1: step s has factor s / steps.</param>
    /// <param name="then">The schedule after it; default constant.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Schedule LinearWarmUp(long steps, Schedule? then = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new WarmUp(steps, then ?? Constant);
    }

    private sealed record Unchanged : Schedule
    {
        public override float Factor(long step) => 1;

        public override string ToString() => "constant";
    }

    private sealed record Stepped(long Every, float By) : Schedule
    {
        public override float Factor(long step) => (float)Optimizer.Power(By, (step - 1) / Every);

        public override string ToString() => FormattableString.Invariant($"times {By} every {Every} steps");
    }

    private sealed record HalfCosine(long Steps, float Least) : Schedule
    {
        public override float Factor(long step) =>
            step > Steps ? Least : (float)(Least + ((1.0 - Least) * (1 + Math.Cos(Math.PI * (step - 1) / Steps)) / 2));

        public override string ToString() => FormattableString.Invariant($"cosine to {Least} over {Steps} steps");
    }

    private sealed record Later(Schedule Of, long Steps) : Schedule
    {
        public override float Factor(long step) => Of.Factor(Steps + step);

        public override string ToString() => FormattableString.Invariant($"{Of}, after {Steps} steps");
    }

    private sealed record WarmUp(long Steps, Schedule Then) : Schedule
    {
        public override float Factor(long step) => step <= Steps ? (float)((double)step / Steps) : Then.Factor(step - Steps);

        public override string ToString() => FormattableString.Invariant($"warm-up over {Steps} steps, then {Then}");
    }
}
