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

/// <summary>One that is chosen while running, so that a share of the changes goes: a larger one where those of others take back what a
/// sender holds back, as its data differ from theirs.</summary>
/// <remarks>
/// After each update the threshold moves by the share that was sent, until that is the share asked for. How far a sender differs is
/// measured as its opposition: minus the cosine of what it holds back and what comes from others. Where data are alike both go the same
/// way, or are unrelated. Where a sender has some classes alone, the others unlearn what it learns. State: five numbers. Source: ours, for
/// the threshold of Hsieh et al. (2017), Gaia.
/// </remarks>
/// <param name="Share">Of the changes that there are, where senders are alike. More than 0, at most 1; default .15.</param>
/// <param name="MaxShare">The same where they differ. At least <paramref name="Share"/>, at most 1; default .45: beyond a half an
/// update is sent whole.</param>
public sealed record MeasuredThreshold(double Share = 0.15, double MaxShare = 0.45) : SignificanceThreshold
{
    /// <summary>The opposition of senders some of which have classes of their own, at least.</summary>
    internal const double Different = 0.09;

    private const float First = 0.02f;
    private const double Least = 1e-6;
    private const double Most = 10;
    private const double Gain = 0.3;
    private const double Alike = 0.03;          // opposition of senders that are alike, at most

    /// <summary>The threshold before anything is measured.</summary>
    /// <param name="clock">The number of the update, from 1.</param>
    /// <returns>.02.</returns>
    public override float At(long clock) => First;

    internal override void Check()
    {
        if (!(Share > 0 && Share <= MaxShare && MaxShare <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Share), Share, $"expected a share of more than 0, at most {MaxShare}, and that at most 1");
        }
    }

    /// <summary>The threshold of the next update. <paramref name="sent"/>: the share of changes that went with the last one.</summary>
    internal double Next(double threshold, double sent, double opposition)
    {
        var difference = Math.Clamp((opposition - Alike) / (Different - Alike), 0, 1);
        var share = Share + (difference * (MaxShare - Share));
        return Math.Clamp(threshold * (1 + (Gain * (Math.Clamp(sent / share, 0.25, 4) - 1))), Least, Most);
    }
}
