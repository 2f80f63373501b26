using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>How an unusual row is told from the others: a value that prints and compares.</summary>
public abstract record AnomalyRule
{
    internal abstract IAnomalyStatistic Create(int channels);

    internal abstract void Check();

    /// <summary>Bytes that the statistic keeps at most.</summary>
    internal abstract long StateBytes(int channels);

    /// <summary>Rows until scores are like those that come later: at least so many are learned from, and as many again where they set the
    /// threshold.</summary>
    /// <param name="channels">Columns that are watched.</param>
    public virtual int MinRows(int channels) => 2;

    /// <summary>True if a row is judged by those before it while rows are learned from, too; false: it is not judged then.</summary>
    internal virtual bool LearnsAlong => true;

    /// <summary>Rows before those whose scores may set the threshold.</summary>
    internal virtual int SettledRows(int channels, int learnRows) => MinRows(channels);

    /// <summary>True if a row may lack some values.</summary>
    internal virtual bool TakesMissing => false;

    /// <summary>Columns that it can watch; null: any number.</summary>
    public virtual int? Channels => null;

    /// <summary>True if it can judge a row: no value is infinite, and none is missing, or some are there and it passes over the
    /// others.</summary>
    /// <param name="row">The values; NaN where one is missing.</param>
    public bool Takes(ReadOnlySpan<float> row)
    {
        var missing = 0;
        foreach (var value in row)
        {
            if (float.IsInfinity(value)) { return false; }
            if (float.IsNaN(value)) { missing++; }
        }

        return missing == 0 || (TakesMissing && missing < row.Length);
    }
}

/// <summary>The farthest channel's distance from its exponentially weighted mean, in standard deviations weighted alike. Follows the
/// stream.</summary>
/// <remarks>Units: standard deviations, to which the rounding of float32 values is added; 1000 at most of the first value that differs in a
/// channel whose values were all alike. Missing values are passed over. Source: Roberts (1959); the variance as in Finch (2009), equation
/// 143; the limit as in Croux, Gelper, Fried (2008).</remarks>
/// <param name="Rows">How far the mean reaches back: a row weighs 2/(rows + 1). At least 1; default 100.</param>
public sealed record EwmaZScore(int Rows = 100) : AnomalyRule
{
    /// <summary>Deviations by which a row moves mean and deviation at most, so that the first rows of a fault do not hide the next ones. A
    /// change that lasts takes longer to be usual. At least 2; default infinity: there is no limit.</summary>
    public double Limit { get; init; } = double.PositiveInfinity;

    /// <inheritdoc />
    public override int MinRows(int channels) => Rows;

    internal override bool TakesMissing => true;

    internal override IAnomalyStatistic Create(int channels) => new EwmaDeviation(Rows, Limit, channels);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 1);
        if (!(Limit >= 2)) { throw new ArgumentOutOfRangeException(nameof(Limit), Limit, "expected at least 2 deviations"); }
    }

    internal override long StateBytes(int channels) => 20L * channels;

    /// <inheritdoc />
    public override string ToString() => $"EWMA z-score of {Rows} rows"
        + (double.IsInfinity(Limit) ? "" : FormattableString.Invariant($", rows limited to {Limit} deviations"));
}

/// <summary>The farthest channel's distance from the mean of the last rows, in their standard deviations. Follows the stream.</summary>
/// <remarks>Units: standard deviations; 0 where the last rows are equal. Missing values are passed over.</remarks>
/// <param name="Rows">Rows of the window. At least 2; default 100.</param>
public sealed record WindowZScore(int Rows = 100) : AnomalyRule
{
    /// <inheritdoc />
    public override int MinRows(int channels) => Rows;

    internal override bool TakesMissing => true;

    internal override IAnomalyStatistic Create(int channels) => new WindowDeviation(Rows, channels);

    internal override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 2);

    internal override long StateBytes(int channels) => channels * ((4L * Rows) + 8);

    /// <inheritdoc />
    public override string ToString() => $"z-score of {Rows} rows";
}

/// <summary>Hotelling's T²: the squared distance from the mean of the rows learned from, in the measure of their covariance. Finds
/// channels that do not fit each other, though each is usual by itself.</summary>
/// <remarks>Units: none; about the number of channels for a usual row. A channel whose values were all alike counts 1000 deviations at
/// most. Source: Hotelling (1931).</remarks>
/// <param name="Ridge">What is added to the diagonal of the correlations, above 0; default 0.001.</param>
public sealed record HotellingT2(double Ridge = 1e-3) : AnomalyRule
{
    /// <inheritdoc />
    public override int MinRows(int channels) => Math.Max(2, 2 * channels);     // of about as many, a covariance fits them alone

    /// <summary>Until the distances are those of a covariance of all rows, to within a twentieth.</summary>
    internal override int SettledRows(int channels, int learnRows) => Math.Max(20 * channels, learnRows / 5);

    internal override IAnomalyStatistic Create(int channels) => new CovarianceDistance(Ridge, channels);

    internal override void Check()
    {
        if (!(Ridge > 0 && double.IsFinite(Ridge))) { throw new ArgumentOutOfRangeException(nameof(Ridge)); }
    }

    internal override long StateBytes(int channels) => RowMoments.BytesOf(channels) + 8 + (8L * channels * (channels + 2));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"T² with ridge {Ridge}");
}

/// <summary>Half-space trees: random halvings of the columns' ranges, and how many of the last rows fell into each part. Finds rows where
/// there are few, whatever the shape of the others. Follows the stream.</summary>
/// <remarks>Units: how many times sparser the row's place is than a range evenly filled; at most trees × rows. Source: Tan, Ting, Liu
/// (2011), with its limit of a tenth of the rows.</remarks>
/// <param name="Trees">At least 1; default 25.</param>
/// <param name="Depth">Halvings in a row, 1 to 15; default 8.</param>
/// <param name="Rows">Rows of a window: those of the last whole one are judged by. At least 10; default 500.</param>
/// <param name="Seed">Seed of the halvings; default 0.</param>
public sealed record HalfSpaceTrees(int Trees = 25, int Depth = 8, int Rows = 500, long Seed = 0) : AnomalyRule
{
    /// <inheritdoc />
    public override int MinRows(int channels) => 2 * Rows;       // one for the ranges, one to count

    internal override IAnomalyStatistic Create(int channels) => new HalfSpaceMasses(this, channels);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Trees, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Depth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Depth, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 10);
    }

    internal override long StateBytes(int channels) => 32 + (16L * channels) + (8L * Trees << (Depth + 1));

    /// <inheritdoc />
    public override string ToString() => $"{Trees} half-space trees of depth {Depth} over {Rows} rows, seed {Seed}";
}

/// <summary>The distance to the nearest of some centers of the rows learned from. Finds rows between or outside the usual states of a
/// machine.</summary>
/// <remarks>Units: standard deviations of the channels, 1000 at most of one whose values were all alike. Source: MacQueen
/// (1967); the first centers as in k-means++, Arthur, Vassilvitskii (2007); the rows that they are found from are a sample, Vitter
/// (1985).</remarks>
/// <param name="Centers">At least 1; default 8.</param>
/// <param name="SampleRows">Rows that the centers are found from, at least as many as centers; default 1000.</param>
/// <param name="Seed">Seed of the sample and of the first centers; default 0.</param>
public sealed record CenterDistance(int Centers = 8, int SampleRows = 1000, long Seed = 0) : AnomalyRule
{
    internal override bool LearnsAlong => false;

    internal override int SettledRows(int channels, int learnRows) => learnRows / 2;

    internal override IAnomalyStatistic Create(int channels) => new SampledCenters(this, channels);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Centers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SampleRows, Centers);
    }

    internal override long StateBytes(int channels) => 64 + (channels * (16L + (4L * SampleRows) + (4L * Centers)));

    /// <inheritdoc />
    public override string ToString() => $"distance to {Centers} centers of {SampleRows} rows, seed {Seed}";
}

/// <summary>The left matrix profile: how far the last values of one column are in shape from any earlier ones. Finds a pattern that has
/// not come before. Follows the stream.</summary>
/// <remarks>Units: distance of the two pieces, each scaled to mean 0 and deviation 1; at most 2√length. Pieces that overlap are not
/// compared. Two level pieces have distance 0, a level one and another √(2·length). Source: Yeh et al. (2016), matrix profile I, equation
/// 1; the sums of products from one row to the next as in Zhu et al. (2016), matrix profile II.</remarks>
/// <param name="Length">Values of a piece, at least 4; default 32.</param>
/// <param name="History">Rows that a piece is compared with, at least twice its length; default 2000.</param>
public sealed record MatrixProfile(int Length = 32, int History = 2000) : AnomalyRule
{
    /// <inheritdoc />
    public override int MinRows(int channels) => History + Length;

    /// <inheritdoc />
    public override int? Channels => 1;

    internal override IAnomalyStatistic Create(int channels) => new LeftProfile(Length, History);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Length, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(History, 2 * Length);
    }

    internal override long StateBytes(int channels) => 64 + (32L * (History + Length));

    /// <inheritdoc />
    public override string ToString() => $"matrix profile of {Length} values in {History} rows";
}

/// <summary>How badly a network gives back the row that it was given, of an autoencoder that was trained elsewhere.</summary>
/// <remarks>Units: root of the mean squared error, in the network's outputs. Source: Rumelhart, Hinton, Williams (1986).</remarks>
/// <param name="Network">A network of as many outputs as columns, with a loss of a value such as <see cref="SquaredError"/>.</param>
/// <param name="Weights">Its values.</param>
public sealed record ReconstructionError(Network Network, Weights Weights) : AnomalyRule
{
    /// <inheritdoc />
    public override int? Channels => Network.Plan.Input.Size;

    internal override IAnomalyStatistic Create(int channels) => new ReconstructionLoss(Network, Weights);

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(Network);
        ArgumentNullException.ThrowIfNull(Weights);
        var plan = Network.Plan;
        if (plan.Target != TargetKind.Value || plan.Outputs != plan.Input.Size || plan.Input.Samples != 1)
        {
            throw new ArgumentException("expected a network whose outputs are its columns again", nameof(Network));
        }

        if (Weights.SchemaHash != plan.SchemaHash || Weights.Values.Length != plan.Values)
        {
            throw new ArgumentException($"expected values of {Network.Structure}, got those of another model", nameof(Weights));
        }
    }

    internal override long StateBytes(int channels) => 0;

    /// <inheritdoc />
    public override string ToString() => $"reconstruction by {Network.Structure}, {Weights}";
}
