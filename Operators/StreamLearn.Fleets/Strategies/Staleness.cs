namespace StreamLearn.Fleets;

/// <summary>What an update is still worth after a number of versions, as a value that prints and compares.</summary>
/// <remarks>Source: Xie, Koyejo, Gupta (2019), FedAsync, section 5.</remarks>
public abstract record Staleness : Rule
{
    /// <summary>Always 1: a stale update is worth as much as a fresh one.</summary>
    public static Staleness Constant { get; } = new ConstantStaleness();

    /// <summary>(s + 1)^−a.</summary>
    /// <param name="a">The exponent a, 0 or more; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="a"/> is out of range.</exception>
    public static Staleness Polynomial(float a = 0.5f) => Checked(new PolynomialStaleness(a));

    /// <summary>1 up to a staleness b, then 1 / (a·(s − b) + 1).</summary>
    /// <remarks>With M devices always at work the usual staleness is M − 1: a bound below that stalls learning.</remarks>
    /// <param name="a">The slope a, 0 or more; default 10.</param>
    /// <param name="b">The staleness b, in versions, 0 or more; null (default): max(4, devices).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Staleness Hinge(float a = 10, int? b = null) => Checked(new HingeStaleness(a, b));

    /// <summary>What an update is worth, above 0 and at most 1.</summary>
    /// <param name="versions">Versions since the one it was learned from, 0 or more.</param>
    /// <param name="devices">Devices of the fleet.</param>
    public abstract float Of(long versions, int devices);

    private protected static void CheckSlope(float slope, string name)
    {
        if (!(slope >= 0 && float.IsFinite(slope))) { throw new ArgumentOutOfRangeException(name, slope, "expected 0 or more"); }
    }
}

/// <summary>The rule of <see cref="Staleness.Constant"/>.</summary>
internal sealed record ConstantStaleness : Staleness
{
    public override float Of(long versions, int devices) => 1;
}

/// <summary>The rule of <see cref="Staleness.Polynomial"/>.</summary>
internal sealed record PolynomialStaleness(float A = 0.5f) : Staleness
{
    public override float Of(long versions, int devices) => (float)Math.Pow(versions + 1, -A);

    public override void Check() => CheckSlope(A, nameof(A));
}

/// <summary>The rule of <see cref="Staleness.Hinge"/>.</summary>
internal sealed record HingeStaleness(float A = 10, int? B = null) : Staleness
{
    public override float Of(long versions, int devices)
    {
        var b = B ?? Math.Max(4, devices);
        return versions <= b ? 1 : 1 / ((A * (versions - b)) + 1);
    }

    public override void Check()
    {
        CheckSlope(A, nameof(A));
        if (B is { } b) { ArgumentOutOfRangeException.ThrowIfNegative(b, nameof(B)); }
    }
}
