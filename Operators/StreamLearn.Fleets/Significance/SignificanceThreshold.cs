namespace StreamLearn.Fleets;

/// <summary>How large a change has to be to be sent, over time. A rule of a program's own derives from it.</summary>
public abstract record SignificanceThreshold
{
    /// <summary>The threshold of an update.</summary>
    /// <param name="clock">The number of the update, from 1.</param>
    /// <returns>0 or more.</returns>
    public abstract float At(long clock);

    internal abstract void Check();

    private protected static void Check(float first)
    {
        if (!(first >= 0 && float.IsFinite(first)))
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, "expected a threshold of 0 or more");
        }
    }
}

/// <summary>One that shrinks as learning converges: v / √t.</summary>
/// <remarks>Source: Hsieh et al. (2017), Gaia.</remarks>
/// <param name="First">v: that of the first update. 0 or more; default .01.</param>
public sealed record ShrinkingThreshold(float First = 0.01f) : SignificanceThreshold
{
    /// <inheritdoc />
    public override float At(long clock) => (float)(First / Math.Sqrt(clock));

    internal override void Check() => Check(First);
}

/// <summary>One that stays the same.</summary>
/// <param name="Value">0 or more.</param>
public sealed record ConstantThreshold(float Value) : SignificanceThreshold
{
    /// <inheritdoc />
    public override float At(long clock) => Value;

    internal override void Check() => Check(Value);
}
