using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>Learn</c>. A row is a window if the model processes windows.</summary>
public sealed record LearnOptions
{
    /// <summary>The optimizer; each of <see cref="Rates"/> replaces its rate. Default SGD without momentum, clipped at norm 2.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.1f, Momentum: 0);

    /// <summary>Learning rates of parallel learners, each combined with every one of <see cref="ScaleRows"/>; the learner that was best
    /// recently answers. Each learner needs the memory and time of a model. Above 0; empty: the optimizer's rate. Default 0.02, 0.1 and
    /// 0.5.</summary>
    public ImmutableArray<float> Rates { get; init; } = [0.02f, 0.1f, 0.5f];

    /// <summary>Fading factor of the learners' scores, above 0 and at most 1; default 0.995.</summary>
    public double FadingFactor { get; init; } = 0.995;

    /// <summary>Rows that are answered before learning from them together, at least 1; default 1. Batch normalization and the like need
    /// more.</summary>
    public int RowsPerStep { get; init; } = 1;

    /// <summary>Steps for these rows, at least 1; default 1.</summary>
    public int StepsPerRow { get; init; } = 1;

    /// <summary>Buffered rows replayed with each step; default 0.</summary>
    public int ReplayRows { get; init; }

    /// <summary>Number of rows in the replay buffer, at least 1, and one per class if class-balanced; default 512.</summary>
    public int BufferRows { get; init; } = 512;

    /// <summary>Rows that the replay buffer keeps; default the newest.</summary>
    public BufferKind Buffer { get; init; } = BufferKind.Sliding;

    /// <summary>After how many rows the scaling moments forget; several values create learners for each. Short memories follow jumps, long
    /// ones follow lasting levels. At least one number, each at least 2; default 1,000,000 and 100. Without scaling only the first
    /// counts.</summary>
    public ImmutableArray<long> ScaleRows { get; init; } = [1_000_000, 100];

    /// <summary>Weight of each class, at least 0; empty, the default: 1.</summary>
    public ImmutableArray<float> ClassWeights { get; init; } = [];

    /// <summary>A float32 column with row weights, at least 0; a window uses that of its last sample. Default none.</summary>
    public string? WeightColumn { get; init; }

    /// <summary>An int32 or int64 column copied to the answers, such as a <c>PerKey</c> key. Default none.</summary>
    public string? Key { get; init; }

    /// <summary>Detects when answers become worse; null: off. Default ADWIN. For classification models.</summary>
    public DriftRule? Drift { get; init; } = DriftRule.Adwin();

    /// <summary>The reaction to drift or an alarm.</summary>
    public DriftReaction Reaction { get; init; } = new();

    /// <summary>Number of rows between versions and evaluations, at least 1; default 1000.</summary>
    public int EveryRows { get; init; } = 1000;

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
