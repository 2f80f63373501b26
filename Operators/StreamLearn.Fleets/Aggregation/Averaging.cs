using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>How the model in use follows from the versions, as a value that prints and compares.</summary>
/// <remarks>
/// Devices learn from versions, whatever this says: averaging changes what is answered with, not what is learned. A version of fewer
/// devices than usual moves the average by less: by the square of their number over the usual one, the mean of about the last 50
/// versions. Of updates that weigh differently fewer count than have come. So a device that is alone for a time does not make the model
/// its own; if it stays alone, that becomes usual.
/// </remarks>
public abstract record Averaging
{
    private protected Averaging() { }

    /// <summary>No average: the newest version is in use.</summary>
    public static Averaging None { get; } = new ExponentialAveraging(0);

    /// <summary>The same share is kept whenever a version comes: an average of about the last 1 / (1 − share) versions.</summary>
    /// <param name="share">The share that is kept, in [0, 1); 0 uses versions as they are; default 0.8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is out of range.</exception>
    public static Averaging Exponential(float share = 0.8f) => Checked(new ExponentialAveraging(share));

    /// <summary>
    /// An average that grows with the run: of t versions, version v has a weight of about v^d. Kept is (t − 1) / (t + d), at most a bound.
    /// </summary>
    /// <remarks>
    /// It covers about the last 1 / (d + 1) of all versions, so it follows closely while the model learns fast, forgets the first versions
    /// altogether, and is steady later. The bound keeps it to the last 1 / (1 − bound) versions, so that it follows streams that change.
    /// Source: Shamir, Zhang (2013), Stochastic gradient descent for non-smooth optimization, section 4, polynomial-decay averaging.
    /// </remarks>
    /// <param name="decay">The exponent d, 0 or more: 0 is the mean of all versions; default 30.</param>
    /// <param name="most">Share that is kept at most, in [0, 1); default 0.98.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Averaging Polynomial(float decay = 30, float most = 0.98f) => Checked(new PolynomialAveraging(decay, most));

    /// <summary>Share of the model in use that is kept when a version of as many devices as usual comes, in [0, 1): the rest is the
    /// version's.</summary>
    /// <param name="versions">Versions that have come, this one included, 1 or more. The first is in use as it is.</param>
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

/// <summary>The average of <see cref="Averaging.Exponential"/>.</summary>
internal sealed record ExponentialAveraging(float Share = 0.8f) : Averaging
{
    public override float Kept(long versions) => versions <= 1 ? 0 : Share;

    public override string ToString() => Share == 0 ? "none" : Share.ToString(CultureInfo.InvariantCulture);

    internal override void Check() => CheckKept(Share, nameof(Share));
}

/// <summary>The average of <see cref="Averaging.Polynomial"/>.</summary>
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
