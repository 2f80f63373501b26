namespace StreamLearn.Fleets;

/// <summary>Weight of an update by staleness, as a printable, comparable value.</summary>
/// <remarks>Source: Xie, Koyejo, Gupta (2019), FedAsync, section 5.</remarks>
public abstract record Staleness : Rule
{
    /// <summary>Always 1.</summary>
    public static Staleness Constant { get; } = new ConstantStaleness();

    /// <summary>Creates the weight (s + 1)^−a.</summary>
    /// <param name="a">The exponent a, at least 0; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="a"/> is out of range.</exception>
    public static Staleness Polynomial(float a = 0.5f) => Checked(new PolynomialStaleness(a));

    /// <summary>Creates a weight that is 1 up to a staleness b, then 1 / (a·(s − b) + 1).</summary>
    /// <remarks>With M busy devices the usual staleness is M − 1; a smaller b stalls learning.</remarks>
    /// <param name="a">The slope a, at least 0; default 10.</param>
    /// <param name="b">The staleness b, in versions, at least 0; null (default): max(4, devices).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Staleness Hinge(float a = 10, int? b = null) => Checked(new HingeStaleness(a, b));

    /// <summary>Computes the weight, above 0, at most 1.</summary>
    /// <param name="versions">Versions since the base, at least 0.</param>
    /// <param name="devices">Devices in the fleet.</param>
    public abstract float Of(long versions, int devices);

    private protected static void CheckSlope(float slope, string name)
    {
        if (!(slope >= 0 && float.IsFinite(slope))) { throw new ArgumentOutOfRangeException(name, slope, "expected 0 or more"); }
    }
}

internal sealed record ConstantStaleness : Staleness
{
    public override float Of(long versions, int devices) => 1;
}

internal sealed record PolynomialStaleness(float A = 0.5f) : Staleness
{
    public override float Of(long versions, int devices) => (float)Math.Pow(versions + 1, -A);

    public override void Check() => CheckSlope(A, nameof(A));
}

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
