namespace StreamLearn.Learning;

/// <summary>How a change of a stream's mean is told from chance: a value that prints and compares.</summary>
public abstract record DriftRule
{
    internal abstract IDriftStatistic Create();

    internal abstract void Check();

    /// <summary>Bytes that the statistic keeps at most.</summary>
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

/// <summary>ADWIN: a window that grows while the mean is steady, and is cut where it has changed. Finds rises and falls.</summary>
/// <remarks>Values from 0 to 1, such as errors. Source: Bifet, Gavaldà (2007), with the bound that knows the variance.</remarks>
/// <param name="Delta">How often chance alone may look like a change, above 0 and below 1; default 0.002.</param>
public sealed record Adwin(double Delta = 0.002) : DriftRule
{
    internal override IDriftStatistic Create() => new AdaptiveWindow(Delta);

    internal override void Check() => Share(Delta, nameof(Delta));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"ADWIN {Delta}");
}

/// <summary>Page-Hinkley: adds up by how much values exceed their mean. Finds rises.</summary>
/// <remarks>Source: Page (1954); Hinkley (1971); with forgetting as in Gama, Sebastião, Rodrigues (2013).</remarks>
/// <param name="Tolerance">Rises of the mean up to it are none, in the values' unit, at least 0; default 0.005.</param>
/// <param name="Threshold">The sum that is a change, in the values' unit, above 0; default 50.</param>
public sealed record PageHinkley(double Tolerance = 0.005, double Threshold = 50) : DriftRule
{
    /// <summary>What the sum is multiplied by at each value, above 0 and at most 1; default 0.9999.</summary>
    public double Forgetting { get; init; } = 0.9999;

    /// <summary>Values before the first change can be found. At least 1; default 30.</summary>
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

/// <summary>DDM: compares an error rate with the least it has been. Finds rises, and warns before.</summary>
/// <remarks>
/// Errors of 0 and 1. The deviation is that of the rate with one error and one hit more, so that a start without errors is not taken for
/// certainty. Source: Gama, Medas, Castillo, Rodrigues (2004).
/// </remarks>
/// <param name="WarningAt">Standard deviations above the least rate that are a warning, above 0; default 2.</param>
/// <param name="DriftAt">Standard deviations that are a change, above those of a warning; default 3.</param>
public sealed record Ddm(double WarningAt = 2, double DriftAt = 3) : DriftRule
{
    /// <summary>Values before the first change can be found. At least 1; default 30.</summary>
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

/// <summary>KSWIN: compares the newest values of a window with older ones by the test of Kolmogorov and Smirnov. Finds changes of level,
/// spread and shape, without labels.</summary>
/// <remarks>Values that follow each other closely count as fewer: choose a smaller <paramref name="Alpha"/>, or watch every n-th. Source:
/// Raab, Heusinger, Schleif (2020).</remarks>
/// <param name="Alpha">How often chance alone looks like a change at one comparison, above 0 and below 1; default 1e-6.</param>
/// <param name="Rows">Values of the window, at least twice <paramref name="Recent"/>; default 1500.</param>
/// <param name="Recent">The newest of them that are compared, at least 10; default 300.</param>
/// <param name="Seed">Seed of what is drawn from the older ones; default 0.</param>
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

/// <summary>The population stability index: how blocks of values fall into the tenths of the first ones. Finds changes of level, spread and
/// shape that last for a block, without labels.</summary>
/// <remarks>Source: Siddiqi (2006).</remarks>
/// <param name="Threshold">The index that is a change, above 0; default 0.25.</param>
/// <param name="Rows">Values of a block, at least 100; default 500.</param>
/// <param name="ReferenceRows">Values that are compared with, at least 100; default 1000.</param>
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
