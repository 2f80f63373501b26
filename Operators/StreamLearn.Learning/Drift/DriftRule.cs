namespace StreamLearn.Learning;

/// <summary>Distinguishes changes of a stream from random variation. Rules are compared by value.</summary>
public abstract record DriftRule
{
    /// <summary>ADWIN: a window that grows while the mean is steady and is cut at changes. Finds rises and falls.</summary>
    /// <remarks>For values from 0 to 1. Source: Bifet, Gavaldà (2007), with the variance bound.</remarks>
    /// <param name="delta">False alarm probability, above 0 and below 1; default 0.002.</param>
    public static DriftRule Adwin(double delta = 0.002) => new Adwin(delta);

    /// <summary>Page-Hinkley: sums how far values exceed the mean. Finds rises.</summary>
    /// <remarks>Source: Page (1954); Hinkley (1971); forgetting as in Gama, Sebastião, Rodrigues (2013).</remarks>
    /// <param name="tolerance">Ignored rise, in the values' unit, at least 0; default 0.005.</param>
    /// <param name="threshold">Sum that counts as a change, in the values' unit, above 0; default 50.</param>
    /// <param name="forgetting">Factor by which the sum fades per value, above 0 to 1; default 0.9999.</param>
    /// <param name="minRows">Values before detection starts, at least 1; default 30.</param>
    public static DriftRule PageHinkley(
        double tolerance = 0.005, double threshold = 50, double forgetting = 0.9999, int minRows = 30) =>
        new PageHinkley(tolerance, threshold, forgetting, minRows);

    /// <summary>DDM: compares an error rate with its minimum. Finds rises, with warnings.</summary>
    /// <remarks>For errors of 0 and 1. The deviation includes one additional error and one additional hit, to avoid false certainty at the
    /// start. Source: Gama, Medas, Castillo, Rodrigues (2004).</remarks>
    /// <param name="warningAt">Standard deviations for a warning, above 0; default 2.</param>
    /// <param name="driftAt">Standard deviations for a change, above the warning; default 3.</param>
    /// <param name="minRows">Values before detection starts, at least 1; default 30.</param>
    public static DriftRule Ddm(double warningAt = 2, double driftAt = 3, int minRows = 30) => new Ddm(warningAt, driftAt, minRows);

    /// <summary>KSWIN: Kolmogorov-Smirnov test of newest against older values. Finds changes of level, spread and shape, without
    /// labels.</summary>
    /// <remarks>For autocorrelated values choose a smaller <paramref name="alpha"/>, or watch every n-th. Source: Raab, Heusinger,
    /// Schleif (2020).</remarks>
    /// <param name="alpha">False alarm probability of a comparison, above 0 and below 1; default 1e-6.</param>
    /// <param name="rows">Values in the window, at least twice <paramref name="recent"/>; default 1500.</param>
    /// <param name="recent">Newest values compared, at least 10; default 300.</param>
    /// <param name="seed">Seed of the sampling; default 0.</param>
    public static DriftRule Kswin(double alpha = 1e-6, int rows = 1500, int recent = 300, long seed = 0) =>
        new Kswin(alpha, rows, recent, seed);

    /// <summary>The population stability index by deciles of the first values. Finds changes of level, spread and shape that last a
    /// block, without labels.</summary>
    /// <remarks>Source: Siddiqi (2006).</remarks>
    /// <param name="threshold">Index that counts as a change, above 0; default 0.25.</param>
    /// <param name="rows">Values per block, at least 100; default 500.</param>
    /// <param name="referenceRows">Reference values, at least 100; default 1000.</param>
    public static DriftRule PopulationStability(double threshold = 0.25, int rows = 500, int referenceRows = 1000) =>
        new PopulationStability(threshold, rows, referenceRows);

    internal abstract IDriftStatistic Create();

    internal abstract void Check();

    internal virtual long StateBytes => AdaptiveWindow.Bytes;

    private protected static void Share(double value, string name)
    {
        if (!(value is > 0 and < 1)) { throw new ArgumentOutOfRangeException(name, value, "expected a number above 0 and below 1"); }
    }

    private protected static void Above0(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value))) { throw new ArgumentOutOfRangeException(name, value, "expected a number above 0"); }
    }
}

internal sealed record Adwin(double Delta) : DriftRule
{
    internal override IDriftStatistic Create() => new AdaptiveWindow(Delta);

    internal override void Check() => Share(Delta, nameof(Delta));

    public override string ToString() => FormattableString.Invariant($"ADWIN {Delta}");
}

internal sealed record PageHinkley(double Tolerance, double Threshold, double Forgetting, int MinRows) : DriftRule
{
    internal override IDriftStatistic Create() => new CumulativeRise(this);

    internal override void Check()
    {
        if (!(Tolerance >= 0 && double.IsFinite(Tolerance))) { throw new ArgumentOutOfRangeException(nameof(Tolerance)); }
        Above0(Threshold, nameof(Threshold));
        if (!(Forgetting is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(Forgetting)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MinRows, 1);
    }

    public override string ToString() => FormattableString.Invariant($"Page-Hinkley {Tolerance} {Threshold}");
}

internal sealed record Ddm(double WarningAt, double DriftAt, int MinRows) : DriftRule
{
    internal override IDriftStatistic Create() => new ErrorRise(this);

    internal override void Check()
    {
        Above0(WarningAt, nameof(WarningAt));
        if (!(DriftAt > WarningAt && double.IsFinite(DriftAt))) { throw new ArgumentOutOfRangeException(nameof(DriftAt)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MinRows, 1);
    }

    public override string ToString() => FormattableString.Invariant($"DDM {WarningAt} {DriftAt}");
}

internal sealed record Kswin(double Alpha, int Rows, int Recent, long Seed) : DriftRule
{
    internal override long StateBytes => 64 + (8L * Rows);

    internal override IDriftStatistic Create() => new KolmogorovWindow(this);

    internal override void Check()
    {
        Share(Alpha, nameof(Alpha));
        ArgumentOutOfRangeException.ThrowIfLessThan(Recent, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 2 * Recent);
    }

    public override string ToString() => FormattableString.Invariant($"KSWIN {Alpha} {Recent} of {Rows}, seed {Seed}");
}

internal sealed record PopulationStability(double Threshold, int Rows, int ReferenceRows) : DriftRule
{
    internal override long StateBytes => 256 + (8L * ReferenceRows);

    internal override IDriftStatistic Create() => new PopulationShift(this);

    internal override void Check()
    {
        Above0(Threshold, nameof(Threshold));
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReferenceRows, 100);
    }

    public override string ToString() => FormattableString.Invariant($"stability {Threshold}, {Rows} of {ReferenceRows}");
}
