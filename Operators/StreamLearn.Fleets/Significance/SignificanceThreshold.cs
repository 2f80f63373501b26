namespace StreamLearn.Fleets;

/// <summary>Significance threshold over time. Custom rules derive from it.</summary>
public abstract record SignificanceThreshold
{
    /// <summary>Returns an update's threshold.</summary>
    /// <param name="clock">The update's number, from 1.</param>
    /// <returns>At least 0.</returns>
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

/// <summary>A threshold that shrinks as learning converges: v / √t.</summary>
/// <remarks>Source: Hsieh et al. (2017), Gaia.</remarks>
/// <param name="First">Initial threshold v, at least 0; default .01.</param>
public sealed record ShrinkingThreshold(float First = 0.01f) : SignificanceThreshold
{
    /// <inheritdoc />
    public override float At(long clock) => (float)(First / Math.Sqrt(clock));

    internal override void Check() => Check(First);
}

/// <summary>A constant threshold.</summary>
/// <param name="Value">At least 0.</param>
public sealed record ConstantThreshold(float Value) : SignificanceThreshold
{
    /// <inheritdoc />
    public override float At(long clock) => Value;

    internal override void Check() => Check(Value);
}

/// <summary>A threshold adapted at run time to send a share of the changes, more where senders' data differs and others undo held-back
/// changes.</summary>
/// <remarks>Moves after each update toward the requested share. Opposition measures the difference: minus the cosine of held-back and
/// others' changes. With similar data they agree or are unrelated; but the others make the model forget classes of only one sender. State:
/// five numbers. Source: this library's, for the threshold of Hsieh et al. (2017), Gaia.</remarks>
/// <param name="Share">Share sent by similar senders, above 0, at most 1; default .15.</param>
/// <param name="MaxShare">Share for different senders, from <paramref name="Share"/> to 1; default .45: beyond 0.5 updates are sent
/// whole.</param>
public sealed record MeasuredThreshold(double Share = 0.15, double MaxShare = 0.45) : SignificanceThreshold
{
    /// <summary>Minimum opposition of senders with different classes.</summary>
    internal const double Different = 0.09;

    private const float First = 0.02f;
    private const double Least = 1e-6;
    private const double Most = 10;
    private const double Gain = 0.3;
    private const double Alike = 0.03;          // maximum opposition of similar senders

    /// <summary>Returns the threshold before any measurement.</summary>
    /// <param name="clock">The update's number, from 1.</param>
    /// <returns>.02.</returns>
    public override float At(long clock) => First;

    internal override void Check()
    {
        if (!(Share > 0 && Share <= MaxShare && MaxShare <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Share), Share, $"expected a share above 0 and at most {MaxShare}, a maximum of at most 1");
        }
    }

    /// <summary><paramref name="sent"/>: share of changes in the last update.</summary>
    internal double Next(double threshold, double sent, double opposition)
    {
        var difference = Math.Clamp((opposition - Alike) / (Different - Alike), 0, 1);
        var share = Share + (difference * (MaxShare - Share));
        return Math.Clamp(threshold * (1 + (Gain * (Math.Clamp(sent / share, 0.25, 4) - 1))), Least, Most);
    }
}
