using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>Averaging of versions into the model in use, as a printable, comparable value.</summary>
/// <remarks>Devices always learn from versions; averaging affects only answers. A version from fewer devices than usual moves the average
/// less: by the square of their number divided by the mean of about the last 50 versions. Unequally weighted updates count as fewer
/// devices.</remarks>
public abstract record Averaging
{
    private protected Averaging() { }

    /// <summary>No averaging: the newest version is in use.</summary>
    public static Averaging None { get; } = new ExponentialAveraging(0);

    /// <summary>Creates an exponential average of about the last 1 / (1 − share) versions.</summary>
    /// <param name="share">The share that is kept, in [0, 1); 0: no averaging; default 0.8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is out of range.</exception>
    public static Averaging Exponential(float share = 0.8f) => Checked(new ExponentialAveraging(share));

    /// <summary>Creates an average that grows with the run: version v has a weight of about v^d. Of t versions, it keeps (t − 1) / (t + d),
    /// up to a limit.</summary>
    /// <remarks>Covers about the last 1 / (d + 1) of all versions, at most the last 1 / (1 − limit). Source: Shamir, Zhang (2013),
    /// Stochastic gradient descent for non-smooth optimization, section 4, polynomial-decay averaging.</remarks>
    /// <param name="decay">Exponent d, at least 0; 0: mean of all versions; default 30.</param>
    /// <param name="most">Maximum share kept, in [0, 1); default 0.98.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Averaging Polynomial(float decay = 30, float most = 0.98f) => Checked(new PolynomialAveraging(decay, most));

    /// <summary>Returns the average that suits a strategy. Versions of a barrier are few, but vary as much, so it covers about the last
    /// quarter; that of others, or of devices with a single class each, about the last thirtieth.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="hasOneClassEach">True if each device has rows of a single class; default false.</param>
    public static Averaging For(Strategy strategy, bool hasOneClassEach = false)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        return strategy.IsBarrier && !hasOneClassEach ? Polynomial(decay: 3) : Polynomial();
    }

    /// <summary>Returns the share of the model in use kept when a version of the usual number of devices is added, in [0, 1).</summary>
    /// <param name="versions">Versions so far, including this one, at least 1. The first is used as it is.</param>
    public abstract float Kept(long versions);

    internal abstract void Check();

    private static Averaging Checked(Averaging averaging)
    {
        averaging.Check();
        return averaging;
    }

    private protected static void CheckKept(float kept, string name)
    {
        if (!(kept is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(name, kept, "expected a share in [0, 1)"); }
    }
}

internal sealed record ExponentialAveraging(float Share = 0.8f) : Averaging
{
    public override float Kept(long versions) => versions <= 1 ? 0 : Share;

    public override string ToString() => Share == 0 ? "none" : Share.ToString(CultureInfo.InvariantCulture);

    internal override void Check() => CheckKept(Share, nameof(Share));
}

internal sealed record PolynomialAveraging(float Decay = 30, float Most = 0.98f) : Averaging
{
    public override float Kept(long versions) => versions <= 1 ? 0 : (float)Math.Min(Most, (versions - 1) / (versions + (double)Decay));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"polynomial {Decay} to {Most}");

    internal override void Check()
    {
        if (!(Decay >= 0 && float.IsFinite(Decay))) { throw new ArgumentOutOfRangeException(nameof(Decay), Decay, "expected 0 or more"); }
        CheckKept(Most, nameof(Most));
    }
}
