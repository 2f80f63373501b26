namespace StreamLearn.Learning;

/// <summary>Distinguishes changes of a stream from random variation; compares by value.</summary>
public abstract record DriftRule
{
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

/// <summary>ADWIN: a window that grows while the mean is steady and is cut at changes. Finds rises and falls.</summary>
/// <remarks>For values from 0 to 1. Source: Bifet, Gavaldà (2007), with the variance bound.</remarks>
/// <param name="Delta">False alarm probability, above 0 and below 1; default 0.002.</param>
public sealed record Adwin(double Delta = 0.002) : DriftRule
{
    internal override IDriftStatistic Create() => new AdaptiveWindow(Delta);

    internal override void Check() => Share(Delta, nameof(Delta));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"ADWIN {Delta}");
}

/// <summary>Page-Hinkley: sums excesses over the mean. Finds rises.</summary>
/// <remarks>Source: Page (1954); Hinkley (1971); forgetting as in Gama, Sebastião, Rodrigues (2013).</remarks>
/// <param name="Tolerance">Ignored rise, in the values' unit, at least 0; default 0.005.</param>
/// <param name="Threshold">Sum that is a change, in the values' unit, above 0; default 50.</param>
public sealed record PageHinkley(double Tolerance = 0.005, double Threshold = 50) : DriftRule
{
    /// <summary>Factor of the sum per value, above 0 to 1; default 0.9999.</summary>
    public double Forgetting { get; init; } = 0.9999;

    /// <summary>Values before detection starts, at least 1; default 30.</summary>
    public int MinRows { get; init; } = 30;

    internal override IDriftStatistic Create() => new CumulativeRise(this);

    internal override void Check()
    {
        if (!(Tolerance >= 0 && double.IsFinite(Tolerance))) { throw new ArgumentOutOfRangeException(nameof(Tolerance)); }
        Above0(Threshold, nameof(Threshold));
        if (!(Forgetting is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(Forgetting)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MinRows, 1);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"Page-Hinkley {Tolerance} {Threshold}");
}

/// <summary>DDM: compares an error rate with its minimum. Finds rises, with warnings.</summary>
/// <remarks> For errors of 0 and 1. The deviation adds one error and one hit against false certainty at the start. Source: Gama, Medas,
/// Castillo, Rodrigues (2004). </remarks>
/// <param name="WarningAt">Standard deviations for a warning, above 0; default 2.</param>
/// <param name="DriftAt">Standard deviations for a change, above the warning; default 3.</param>
public sealed record Ddm(double WarningAt = 2, double DriftAt = 3) : DriftRule
{
    /// <summary>Values before detection starts, at least 1; default 30.</summary>
    public int MinRows { get; init; } = 30;

    internal override IDriftStatistic Create() => new ErrorRise(this);

    internal override void Check()
    {
        Above0(WarningAt, nameof(WarningAt));
        if (!(DriftAt > WarningAt && double.IsFinite(DriftAt))) { throw new ArgumentOutOfRangeException(nameof(DriftAt)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MinRows, 1);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"DDM {WarningAt} {DriftAt}");
}

/// <summary>KSWIN: Kolmogorov-Smirnov test of newest against older values. Finds changes of level, spread and shape, without
/// labels.</summary>
/// <remarks>For autocorrelated values choose a smaller <paramref name="Alpha"/>, or watch every n-th. Source: Raab, Heusinger, Schleif
/// (2020).</remarks>
/// <param name="Alpha">False alarm probability of a comparison, above 0 and below 1; default 1e-6.</param>
/// <param name="Rows">Values of the window, at least twice <paramref name="Recent"/>; default 1500.</param>
/// <param name="Recent">Newest values compared, at least 10; default 300.</param>
/// <param name="Seed">Seed of the sampling; default 0.</param>
public sealed record Kswin(double Alpha = 1e-6, int Rows = 1500, int Recent = 300, long Seed = 0) : DriftRule
{
    internal override long StateBytes => 64 + (8L * Rows);

    internal override IDriftStatistic Create() => new KolmogorovWindow(this);

    internal override void Check()
    {
        Share(Alpha, nameof(Alpha));
        ArgumentOutOfRangeException.ThrowIfLessThan(Recent, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 2 * Recent);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"KSWIN {Alpha} {Recent} of {Rows}, seed {Seed}");
}

/// <summary>The population stability index by deciles of the first values. Finds changes of level, spread and shape that last a block,
/// without labels.</summary>
/// <remarks>Source: Siddiqi (2006).</remarks>
/// <param name="Threshold">Index that is a change, above 0; default 0.25.</param>
/// <param name="Rows">Values of a block, at least 100; default 500.</param>
/// <param name="ReferenceRows">Reference values, at least 100; default 1000.</param>
public sealed record PopulationStability(double Threshold = 0.25, int Rows = 500, int ReferenceRows = 1000) : DriftRule
{
    internal override long StateBytes => 256 + (8L * ReferenceRows);

    internal override IDriftStatistic Create() => new PopulationShift(this);

    internal override void Check()
    {
        Above0(Threshold, nameof(Threshold));
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReferenceRows, 100);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"stability {Threshold}, {Rows} of {ReferenceRows}");
}
