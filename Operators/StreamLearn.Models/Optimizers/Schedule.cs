namespace StreamLearn.Models;

/// <summary>
/// How a learning rate changes: a factor for every step, and nothing else. A value that prints and compares; steps are counted from 1, from
/// the first one of a training. In rounds the count goes on from one to the next, while the optimizer's memory starts anew.
/// </summary>
public abstract record Schedule
{
    /// <summary>The factor 1 for every step.</summary>
    public static Schedule Constant { get; } = new Unchanged();

    /// <summary>What the learning rate of a step is multiplied by.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public abstract float Factor(long step);

    /// <summary>The same schedule from a later step on: its first step is the one after so many of this.</summary>
    /// <param name="steps">Steps, at least 0.</param>
    public Schedule After(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps == 0 || this is Unchanged) { return this; }
        return this is Later later ? new Later(later.Of, later.Steps + steps) : new Later(this, steps);
    }

    /// <summary>Multiplies by a factor after every so many steps.</summary>
    /// <param name="every">Steps between changes, at least 1.</param>
    /// <param name="factor">The factor, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Schedule Step(long every, float factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        if (!(factor is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(factor), factor, "expected a factor in (0, 1]"); }
        return new Stepped(every, factor);
    }

    /// <summary>Goes down half a cosine from 1 to a least factor, and stays there.</summary>
    /// <remarks>Source: Loshchilov, Hutter (2017), without restarts.</remarks>
    /// <param name="steps">Steps of the way, at least 1: step 1 has the factor 1, step <paramref name="steps"/> + 1 the least.</param>
    /// <param name="least">The least factor, in [0, 1]; default 0: no more moves.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Schedule Cosine(long steps, float least = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!(least is >= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(least), least, "expected a factor in [0, 1]"); }
        return new HalfCosine(steps, least);
    }

    /// <summary>Goes up a line to 1, then follows another schedule from its beginning.</summary>
    /// <remarks>Source: Goyal et al. (2017), gradual warm-up.</remarks>
    /// <param name="steps">Steps of the line, at least 1: step s of them has the factor s / steps.</param>
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
