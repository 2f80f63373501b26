namespace StreamLearn.Learning;

/// <summary>Distinguishes unusual rows from the others. Rules are compared by value.</summary>
public abstract record AnomalyRule
{
    /// <summary>The farthest channel's distance from its exponentially weighted mean, in equally weighted standard deviations. Follows the
    /// stream.</summary>
    /// <remarks>Units: standard deviations plus float32 rounding; at most 1000 for a constant channel's first other value. Missing values
    /// are skipped. Source: Roberts (1959); variance: Finch (2009), equation 143; limit: Croux, Gelper, Fried (2008).</remarks>
    /// <param name="rows">Reach of the mean: a row weighs 2/(rows + 1). At least 1; default 100.</param>
    /// <param name="limit">Maximum deviations by which a row moves mean and deviation, so that a fault does not hide itself; lasting
    /// changes take longer to become usual. At least 2; default infinity: no limit.</param>
    public static AnomalyRule EwmaZScore(int rows = 100, double limit = double.PositiveInfinity) => new EwmaZScore(rows) { Limit = limit };

    /// <summary>Scores the distance of the farthest channel from the mean of the last rows, in their standard deviations. It follows the
    /// stream.</summary>
    /// <remarks>Units: standard deviations; 0 if the last rows are equal. Missing values are skipped.</remarks>
    /// <param name="rows">Rows of the window, at least 2; default 100.</param>
    public static AnomalyRule WindowZScore(int rows = 100) => new WindowZScore(rows);

    /// <summary>Hotelling's T²: the squared Mahalanobis distance from the learned mean. Finds channels that contradict each other though
    /// each is usual.</summary>
    /// <remarks>Units: none; about the number of channels for a usual row. Constant channels count at most 1000 deviations. Source:
    /// Hotelling (1931).</remarks>
    /// <param name="ridge">Added to the diagonal of the correlations, above 0; default 0.001.</param>
    public static AnomalyRule HotellingT2(double ridge = 1e-3) => new HotellingT2(ridge);

    /// <summary>The distance to the nearest center of the learned rows. Finds rows between or outside a machine's usual states.</summary>
    /// <remarks>Units: standard deviations of the channels, at most 1000 for a constant one. Source: MacQueen (1967); initial centers as in
    /// k-means++, Arthur, Vassilvitskii (2007); the sample as in Vitter (1985).</remarks>
    /// <param name="centers">At least 1; default 8.</param>
    /// <param name="sampleRows">Sampled rows for the centers, at least one per center; default 1000.</param>
    /// <param name="seed">The seed; default 0.</param>
    public static AnomalyRule CenterDistance(int centers = 8, int sampleRows = 1000, long seed = 0) =>
        new CenterDistance(centers, sampleRows, seed);

    /// <summary>The left matrix profile: the distance in shape of a column's last values from any earlier ones. Finds new patterns. Follows
    /// the stream.</summary>
    /// <remarks>Units: distance of two pieces, each scaled to mean 0 and deviation 1; at most 2√length. Overlapping pieces are not
    /// compared. Two level pieces have distance 0, a level and another one √(2·length). Source: Yeh et al. (2016), matrix profile I,
    /// equation 1; Zhu et al. (2016), matrix profile II.</remarks>
    /// <param name="length">Values of a piece, at least 4; default 32.</param>
    /// <param name="history">Rows compared with, at least twice the length; default 2000.</param>
    public static AnomalyRule MatrixProfile(int length = 32, int history = 2000) => new MatrixProfile(length, history);

    /// <summary>The error with which an autoencoder, trained elsewhere, reconstructs a row.</summary>
    /// <remarks>Units: root mean squared error, in the network's outputs. Source: Rumelhart, Hinton, Williams (1986).</remarks>
    /// <param name="network">A network with one output per column and a loss such as <see cref="SquaredError"/>.</param>
    /// <param name="weights">Its values.</param>
    public static AnomalyRule ReconstructionError(Network network, Weights weights) => new ReconstructionError(network, weights);

    internal abstract IAnomalyStatistic Create(int channels);

    internal abstract void Check();

    internal abstract long StateBytes(int channels);

    /// <summary>Rows until scores settle: the minimum to learn from, and again for the threshold.</summary>
    public virtual int MinRows(int channels) => 2;

    /// <summary>True if rows are also scored while learning.</summary>
    internal virtual bool LearnsAlong => true;

    internal virtual int SettledRows(int channels, int learnRows) => MinRows(channels);

    internal virtual bool TakesMissing => false;

    /// <summary>Required number of columns; null: any.</summary>
    public virtual int? Channels => null;

    /// <summary>Returns true if the rule can score a row: no value is infinite, and none is missing or, for rules that skip missing values,
    /// not all are.</summary>
    /// <param name="row">The values; NaN: missing.</param>
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

internal sealed record EwmaZScore(int Rows = 100) : AnomalyRule
{
    public double Limit { get; init; } = double.PositiveInfinity;

    public override int MinRows(int channels) => Rows;

    internal override bool TakesMissing => true;

    internal override IAnomalyStatistic Create(int channels) => new EwmaDeviation(Rows, Limit, channels);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 1);
        if (!(Limit >= 2)) { throw new ArgumentOutOfRangeException(nameof(Limit), Limit, "expected at least 2 deviations"); }
    }

    internal override long StateBytes(int channels) => 20L * channels;

    public override string ToString() => $"EWMA z-score of {Rows} rows"
        + (double.IsInfinity(Limit) ? "" : FormattableString.Invariant($", rows limited to {Limit} deviations"));
}

internal sealed record WindowZScore(int Rows = 100) : AnomalyRule
{
    public override int MinRows(int channels) => Rows;

    internal override bool TakesMissing => true;

    internal override IAnomalyStatistic Create(int channels) => new WindowDeviation(Rows, channels);

    internal override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 2);

    internal override long StateBytes(int channels) => channels * ((4L * Rows) + 8);

    public override string ToString() => $"z-score of {Rows} rows";
}

internal sealed record HotellingT2(double Ridge = 1e-3) : AnomalyRule
{
    public override int MinRows(int channels) => Math.Max(2, 2 * channels);     // with about one row per channel, a covariance overfits

    /// <summary>Returns the number of rows after which distances are within a twentieth of those of all rows.</summary>
    internal override int SettledRows(int channels, int learnRows) => Math.Max(20 * channels, learnRows / 5);

    internal override IAnomalyStatistic Create(int channels) => new CovarianceDistance(Ridge, channels);

    internal override void Check()
    {
        if (!(Ridge > 0 && double.IsFinite(Ridge))) { throw new ArgumentOutOfRangeException(nameof(Ridge)); }
    }

    internal override long StateBytes(int channels) => RowMoments.BytesOf(channels) + 8 + (8L * channels * (channels + 2));

    public override string ToString() => FormattableString.Invariant($"T² with ridge {Ridge}");
}

/// <summary>Half-space trees: random halvings of the columns' ranges, with counts of rows. They find sparse regions of any shape and follow
/// the stream.</summary>
/// <remarks>Units: how many times sparser the row's region is than an evenly filled range; at most trees × rows. Source: Tan, Ting, Liu
/// (2011), with its limit of a tenth of the rows.</remarks>
/// <param name="Trees">Number of trees, at least 1; default 25.</param>
/// <param name="Depth">Successive halvings, 1 to 15; default 8.</param>
/// <param name="Rows">Rows per window; rows are scored by the last complete window. At least 10; default 500.</param>
/// <param name="Seed">The seed; default 0.</param>
public sealed record HalfSpaceTrees(int Trees = 25, int Depth = 8, int Rows = 500, long Seed = 0) : AnomalyRule
{
    /// <inheritdoc />
    public override int MinRows(int channels) => 2 * Rows;       // one window for ranges, one for counts

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

internal sealed record CenterDistance(int Centers = 8, int SampleRows = 1000, long Seed = 0) : AnomalyRule
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

    public override string ToString() => $"distance to {Centers} centers of {SampleRows} rows, seed {Seed}";
}

internal sealed record MatrixProfile(int Length = 32, int History = 2000) : AnomalyRule
{
    public override int MinRows(int channels) => History + Length;

    public override int? Channels => 1;

    internal override IAnomalyStatistic Create(int channels) => new LeftProfile(Length, History);

    internal override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Length, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(History, 2 * Length);
    }

    internal override long StateBytes(int channels) => 64 + (32L * (History + Length));

    public override string ToString() => $"matrix profile of {Length} values in {History} rows";
}

internal sealed record ReconstructionError(Network Network, Weights Weights) : AnomalyRule
{
    public override int? Channels => Network.Plan.Input.Size;

    internal override IAnomalyStatistic Create(int channels) => new ReconstructionLoss(Network, Weights);

    internal override void Check()
    {
        ArgumentNullException.ThrowIfNull(Network);
        ArgumentNullException.ThrowIfNull(Weights);
        var plan = Network.Plan;
        if (plan.Target != TargetKind.Value || plan.Outputs != plan.Input.Size || plan.Input.Samples != 1)
        {
            throw new ArgumentException("expected a network with one output per column", nameof(Network));
        }

        if (Weights.SchemaHash != plan.SchemaHash || Weights.Values.Length != plan.Values)
        {
            throw new ArgumentException($"expected weights of {Network.Structure}, got weights of another model", nameof(Weights));
        }
    }

    internal override long StateBytes(int channels) => 0;

    public override string ToString() => $"reconstruction by {Network.Structure}, {Weights}";
}
