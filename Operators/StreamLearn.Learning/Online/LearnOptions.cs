using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>Learn</c>. A row is one of the model's: a window, if the model takes windows.</summary>
public sealed record LearnOptions
{
    /// <summary>Moves the weights; each of <see cref="Rates"/> replaces its rate. Default SGD without momentum, clipped at norm
    /// 2.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.1f, Momentum: 0);

    /// <summary>
    /// Learning rates of learners that run side by side, each with every one of <see cref="ScaleRows"/>: each row is answered by the one
    /// that has answered best of late, so that a slow one is in use while the stream is steady, and a fast one after a change. Each costs
    /// what a model does. Each above 0; empty: the optimizer's own rate. Default 0.02, 0.1 and 0.5.
    /// </summary>
    public ImmutableArray<float> Rates { get; init; } = [0.02f, 0.1f, 0.5f];

    /// <summary>How fast it is forgotten how learners have answered: a fading factor, above 0 and at most 1; default 0.995.</summary>
    public double FadingFactor { get; init; } = 0.995;

    /// <summary>
    /// Rows that are answered before they are learned from together. Rows, at least 1; default 1. Layers that need the statistics of
    /// several rows, such as batch normalization, need more.
    /// </summary>
    public int RowsPerStep { get; init; } = 1;

    /// <summary>Steps for these rows. At least 1; default 1.</summary>
    public int StepsPerRow { get; init; } = 1;

    /// <summary>Earlier rows, from the buffer, that are learned from again with each step. Rows, at least 0; default 0.</summary>
    public int ReplayRows { get; init; }

    /// <summary>Rows that the replay buffer keeps. Rows, at least 1, and one for each class if class-balanced; default 512.</summary>
    public int BufferRows { get; init; } = 512;

    /// <summary>Which rows the replay buffer keeps; default the newest.</summary>
    public BufferKind Buffer { get; init; } = BufferKind.Sliding;

    /// <summary>
    /// Rows that count in the moments by which the model's first layer scales: beyond, older ones are forgotten. With several numbers there
    /// are learners for each: a short memory follows levels that jump, a long one tells levels that stay for long from one another. Rows,
    /// at least one number, each at least 2; default 1,000,000 and 100. Of a model that does not scale, the first alone counts.
    /// </summary>
    public ImmutableArray<long> ScaleRows { get; init; } = [1_000_000, 100];

    /// <summary>How often a row of each class counts, at least 0; empty, the default: once.</summary>
    public ImmutableArray<float> ClassWeights { get; init; } = [];

    /// <summary>A float32 column with how often a row counts, at least 0; of a window, that of the last sample. Default none.</summary>
    public string? WeightColumn { get; init; }

    /// <summary>An int32 or int64 column that the answers carry too, such as whose row it is, where <c>PerKey</c> has a model for each.
    /// Default none.</summary>
    public string? Key { get; init; }

    /// <summary>How it is found out that the answers have become worse; null: it is not. Default ADWIN. For models of classes.</summary>
    public DriftRule? Drift { get; init; } = new Adwin();

    /// <summary>What is done then, and when an alarm comes.</summary>
    public DriftReaction Reaction { get; init; } = new();

    /// <summary>Rows after which a version and an evaluation are emitted. Rows, at least 1; default 1000.</summary>
    public int EveryRows { get; init; } = 1000;

    /// <summary>The buffer's settings, as the parts that are shared with <c>Train</c> take them.</summary>
    internal TrainOptions Shared =>
        new() { BufferRows = ReplayRows == 0 && Buffer != BufferKind.ClassBalanced ? 1 : BufferRows, Buffer = Buffer };

    private string ScalesText => ScaleRows.Length == 1 ? "" : $", each with scales of {string.Join(" and ", ScaleRows)} rows";

    private string RatesText =>
        Rates.IsEmpty ? "" : " at " + string.Join(", ", Rates.Select(static r => r.ToString(CultureInfo.InvariantCulture)));

    internal void Check(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        Optimizer.Check();
        foreach (var rate in Rates) { (Optimizer with { LearningRate = rate }).Check(); }
        FadingMean.Of(FadingFactor);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowsPerStep, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepsPerRow, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ReplayRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferRows, Buffer == BufferKind.ClassBalanced ? Math.Max(1, plan.Classes) : 1);
        var rows = Math.Max(BufferRows, RowsPerStep + (long)ReplayRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Array.MaxLength / plan.Input.Size, nameof(BufferRows));
        Require(!ScaleRows.IsDefaultOrEmpty, nameof(ScaleRows));
        foreach (var scale in ScaleRows) { ArgumentOutOfRangeException.ThrowIfLessThan(scale, 2, nameof(ScaleRows)); }
        ArgumentOutOfRangeException.ThrowIfLessThan(EveryRows, 1);
        Require(Enum.IsDefined(Buffer), nameof(Buffer));
        Require(ClassWeights.All(static w => w >= 0 && float.IsFinite(w)), nameof(ClassWeights));
        Require(ClassWeights.IsEmpty || ClassWeights.Length == plan.Classes, nameof(ClassWeights));
        Require(Key is null or not ("" or Schema.TimeColumn or Schema.LabelColumn or InferBlock.ClassColumn), nameof(Key));
        Drift?.Check();
        ArgumentNullException.ThrowIfNull(Reaction);
        Reaction.Check();
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Optimizer}{RatesText}{ScalesText}, {StepsPerRow} steps per {RowsPerStep} rows")
        + (ReplayRows == 0 ? "" : FormattableString.Invariant($", {ReplayRows} of {BufferRows} again"))
        + (Drift is null ? "" : $", {Drift}: {Reaction}");

    private static void Require(bool holds, string name)
    {
        if (!holds) { throw new ArgumentOutOfRangeException(name); }
    }
}
