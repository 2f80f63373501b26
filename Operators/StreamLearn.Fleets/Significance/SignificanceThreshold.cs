namespace StreamLearn.Fleets;

/// <summary>A significance threshold that may change over time. Custom rules derive from it.</summary>
public abstract record SignificanceThreshold
{
    /// <summary>A threshold that adapts at run time so that a share of the changes is sent; more if the senders' data differ and others
    /// undo the changes held back. The default.</summary>
    /// <param name="share">Share sent by similar senders, above 0, at most 1.</param>
    /// <param name="maxShare">Share of different senders, from <paramref name="share"/> to 1; beyond 0.5 updates are sent whole.</param>
    public static SignificanceThreshold Measured(double share = 0.15, double maxShare = 0.45) => new MeasuredThreshold(share, maxShare);

    /// <summary>A threshold that shrinks as learning converges: v / √t. Source: Hsieh et al. (2017), Gaia.</summary>
    /// <param name="first">Initial threshold v, at least 0.</param>
    public static SignificanceThreshold Shrinking(float first = 0.01f) => new ShrinkingThreshold(first);

    /// <summary>A constant threshold.</summary>
    /// <param name="value">At least 0; 0 sends all changes.</param>
    public static SignificanceThreshold Constant(float value) => new ConstantThreshold(value);

    /// <summary>Returns the threshold of an update.</summary>
    /// <param name="clock">The update's number, from 1.</param>
    /// <returns>The threshold, at least 0.</returns>
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

internal sealed record ShrinkingThreshold(float First = 0.01f) : SignificanceThreshold
{
    public override float At(long clock) => (float)(First / Math.Sqrt(clock));

    internal override void Check() => Check(First);
}

internal sealed record ConstantThreshold(float Value) : SignificanceThreshold
{
    public override float At(long clock) => Value;

    internal override void Check() => Check(Value);
}

/// <remarks>The threshold moves after each update toward the requested share. Opposition measures the difference: minus the cosine between
/// the changes held back and those of others. With similar data, they agree or are unrelated; if only one sender has a class, the others
/// unlearn it. State: five numbers. Source: this library's, for the threshold of Hsieh et al. (2017), Gaia.</remarks>
internal sealed record MeasuredThreshold(double Share = 0.15, double MaxShare = 0.45) : SignificanceThreshold
{
    /// <summary>Minimum opposition of senders with different classes.</summary>
    internal const double Different = 0.09;

    private const float First = 0.02f;
    private const double Least = 1e-6;
    private const double Most = 10;
    private const double Gain = 0.3;
    private const double Alike = 0.03;          // maximum opposition of similar senders

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
