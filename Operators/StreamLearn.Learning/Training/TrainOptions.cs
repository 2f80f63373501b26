using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Which rows a full replay buffer keeps.</summary>
public enum BufferKind
{
    /// <summary>A uniform sample of all rows. Source: Vitter (1985), algorithm R.</summary>
    Reservoir,

    /// <summary>Equal shares of the classes, as far as there are rows. A new row replaces a random one of the largest class; a class that
    /// has been the largest keeps a uniform sample. Source: Chrysakis, Moens (2020).</summary>
    ClassBalanced,

    /// <summary>The newest rows.</summary>
    Sliding,

    /// <summary>Favors newer rows: each replaces a random one, so half of a buffer of n rows is replaced within 0.69 n rows.</summary>
    Forgetting,
}

/// <summary>How a step draws rows from the replay buffer.</summary>
public enum DrawKind
{
    /// <summary>Independently, with replacement.</summary>
    Replacement,

    /// <summary>In shuffled passes over the rows held at the start; the last step of a pass may have fewer rows. A step of at least that
    /// number uses all rows, in the order of the buffer.</summary>
    Shuffle,
}

/// <summary>Settings of <c>Train</c>. A row is a window if the model processes windows.</summary>
public sealed record TrainOptions
{
    /// <summary>The optimizer; default SGD with a rate of 0.05, a momentum of 0.9 and clipping at norm 2. Its schedule counts steps over
    /// all rounds.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.05f);

    /// <summary>True: keeps optimizer state when a version is pulled. False (default): resets it, as in federated averaging. A device
    /// without receipts always keeps it until a newer version arrives.</summary>
    public bool KeepOptimizerState { get; init; }

    /// <summary>Number of rows in the replay buffer, at least 1, and one per class if class-balanced; default 512.</summary>
    public int BufferRows { get; init; } = 512;

    /// <summary>Which rows the replay buffer keeps; default a reservoir.</summary>
    public BufferKind Buffer { get; init; }

    /// <summary>How steps draw rows; default with replacement.</summary>
    public DrawKind Draw { get; init; }

    /// <summary>Seed of the order in which rows are drawn, so that devices with the same rows make the same steps; null (default): each
    /// device has its own.</summary>
    public long? DrawSeed { get; init; }

    /// <summary>True: after <see cref="StartAfterRows"/> rows, steps run without pause until the end of the input or
    /// <see cref="MaxVisits"/>; a row waits for at most one step and adds none. Simulated devices need a speed limit; otherwise simulated
    /// time does not advance. Default false.</summary>
    public bool Continuous { get; init; }

    /// <summary>Labeled rows that earn <see cref="StepsPerRow"/> steps, at least 1; default 1.</summary>
    public int RowsPerStep { get; init; } = 1;

    /// <summary>Steps earned by <see cref="RowsPerStep"/> labeled rows; raise it for slow streams. At least 1; default 1.</summary>
    public int StepsPerRow { get; init; } = 1;

    /// <summary>Rows drawn for a step, at least 1; default 16.</summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>Adapts the batch to gradients and memory, starting with <see cref="BatchRows"/> or a directive's rows, to which the
    /// learning rate refers; at most <see cref="MaxBatchRows"/>. Without clocks, so simulations choose the same. Null: fixed.</summary>
    internal BatchTuning? Tuning { get; init; }

    /// <summary>Maximum number of rows per batch that a directive may request, at least 1; default 4096.</summary>
    public int MaxBatchRows { get; init; } = 4096;

    /// <summary>Labeled rows before steps are earned, at least 1; default 8.</summary>
    public int StartAfterRows { get; init; } = 8;

    /// <summary>Maximum mean number of visits per row, which limits overfitting to the device's own data. Over the second half, the
    /// learning rate falls to 0 along a half cosine; then the device rests until more rows arrive. At least <see cref="MinSteps"/> steps
    /// are made. At least 1; default 192; null: no limit.</summary>
    public int? MaxVisits { get; init; } = DefaultVisits;

    /// <summary>Mean number of visits per row after which the learning rate falls as their inverse. Then rows count equally in the end,
    /// however fast their device is, and versions approach one model. At least 1; null (default): the rate stays.</summary>
    public int? ShrinkAfter { get; init; }

    /// <summary>Penalty of squared weights for the loss summed over the fleet's rows, as in <c>FitSoftmax</c>. Needs <see cref="Sgd"/>; 0
    /// or more; default 0.</summary>
    public float Penalty { get; init; }

    /// <summary>Steps made regardless of <see cref="MaxVisits"/>, so that devices with few rows learn.</summary>
    public const int MinSteps = 1024;

    /// <summary>Share of rows held back to measure each version, above 0: the last ones of each block of 64, of which 64 are kept; 1: the
    /// device does not learn, so its data tests the model on an unseen person. Null (default): none.</summary>
    public double? HoldBackShare
    {
        get => HoldBack?.Share;
        init => HoldBack = value is { } share ? new() { Share = share } : null;
    }

    internal HoldBackOptions? HoldBack { get; init; }

    /// <summary>Steps per update, at least 1; default 4.</summary>
    public int StepsPerUpdate { get; init; } = 4;

    /// <summary>Strength μ of the proximal term: adds μ (w − the pulled w) to gradients of trained values before the optimizer. 0 or more;
    /// default 0: results are bit-identical to training without it. Source: Li et al. (2020), FedProx.</summary>
    public float Proximal { get; init; }

    /// <summary>True: adds each class's log share in the replay buffer to its score in the loss, −30 for an absent class, so that devices
    /// with few classes do not make the model forget the others. Needs an output for each class. Answers then assume equal class
    /// frequencies, so plain accuracy may fall. Rows of a single class change nothing and do not count as samples; an update with only
    /// those is refused as <c>no-samples</c>. Source: Menon et al. (2021). Default false.</summary>
    public bool AdjustLogits { get; init; }

    /// <summary>True: first sends an update without steps, with the moments of its rows. In lock step, it then waits for the first version,
    /// which has the scale of all announced devices. For rounds that end when every device has reported. Default false.</summary>
    public bool Announce { get; init; }

    /// <summary>True: once versions have a scale, an update carries the moments of its rows only if they are as many as all rows before, or
    /// 1,024; otherwise they wait for the next, so that a coded update of a small model is not mostly moments. Default false.</summary>
    public bool SparesMoments { get; init; }

    /// <summary>Classes needed before the device announces itself or learns, so that rounds do not wait for it; a full buffer is sufficient
    /// too. At least 1; default 1.</summary>
    public int AnnounceAfterClasses { get; init; } = 1;

    /// <summary>Threads per step, 1 or 2, with the same bits; worthwhile above some 100,000 multiply-adds per layer. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What happens after an update; default: free.</summary>
    public TrainPace Pace { get; init; }

    /// <summary>The reaction to a drift alarm from a controlling flow (<c>ControlledBy</c>).</summary>
    public DriftReaction Reaction { get; init; } = new();

    /// <summary>Flow control toward the aggregator, if receipts arrive. Default two updates in flight.</summary>
    public CreditOptions Credit { get; init; } = new();

    /// <summary>Start of the device, which identifies its updates: above every earlier start, and the same for all blocks of a run. Null
    /// (default): the start of the run in milliseconds since 1970; set it if the clock was set back.</summary>
    public long? Epoch { get; init; }

    /// <summary>Schedule steps before this start, from the gauge <c>schedule-steps</c>. At least 0; default 0.</summary>
    public long StepsBefore { get; init; }

    private const int DefaultVisits = 192;

    internal void Check(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        Optimizer.Check();
        ArgumentNullException.ThrowIfNull(Credit);
        Credit.Check();
        ArgumentNullException.ThrowIfNull(Reaction);
        Reaction.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferRows, Buffer == BufferKind.ClassBalanced ? Math.Max(1, plan.Classes) : 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowsPerStep, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepsPerRow, 1);
        if (MaxVisits is { } visits) { ArgumentOutOfRangeException.ThrowIfLessThan(visits, 1, nameof(MaxVisits)); }
        if (ShrinkAfter is { } shrink) { ArgumentOutOfRangeException.ThrowIfLessThan(shrink, 1, nameof(ShrinkAfter)); }
        HoldBack?.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StartAfterRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnnounceAfterClasses, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepsPerUpdate, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BufferRows, MaxRows(plan));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LargestBatch(BatchRows), MaxRows(plan), nameof(BatchRows));
        ArgumentOutOfRangeException.ThrowIfNegative(StepsBefore);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 2);
        Require(Proximal >= 0 && float.IsFinite(Proximal), nameof(Proximal));
        Require(Penalty == 0 || (Penalty > 0 && float.IsFinite(Penalty) && Optimizer is Sgd), nameof(Penalty));
        Require(!AdjustLogits || plan.Classes == plan.Outputs, nameof(AdjustLogits));
        Require(Enum.IsDefined(Pace), nameof(Pace));
        Require(Enum.IsDefined(Buffer), nameof(Buffer));
        Require(Enum.IsDefined(Draw), nameof(Draw));
    }

    /// <summary>Returns the maximum number of rows in a batch for which the arrays of a step can be allocated, at least 1.</summary>
    public static int MaxRowsOf(IModel model) => BatchSizeTuner.LargestArray(model);

    /// <summary>Stream rows carry no teacher's scores.</summary>
    public static void RequireNoTeacher(IModel model)
    {
        if (model is Network { Objective: Distillation } network)
        {
            throw new ArgumentException($"expected a network that learns from rows only, got {network.Structure}");
        }
    }

    internal static void RequireThreads(IModel model, int threads)
    {
        if (threads > model.MaxThreads)
        {
            throw new ArgumentException($"expected {nameof(Threads)} = 1: a step of {model.Structure} is not shared among threads");
        }
    }

    /// <summary>Returns the maximum over the options and possible directives.</summary>
    internal int LargestBatch(ModelPlan plan) => Math.Max(LargestBatch(BatchRows), Math.Min(LargestBatch(MaxBatchRows), MaxRows(plan)));

    /// <inheritdoc />
    public override string ToString()
    {
        var earned = Continuous ? "continuous" : string.Create(CultureInfo.InvariantCulture, $"{StepsPerRow} steps per {RowsPerStep} rows");
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Optimizer}, batch {BatchRows}{(Draw == DrawKind.Shuffle ? " in passes" : "")}, {StepsPerUpdate} steps an update, {earned}, "
            + $"buffer {BufferRows}{BufferText}, "
            + $"{(Pace == TrainPace.Free ? "free" : "lock-step")}");
        if (DrawSeed is { } seed) { text += string.Create(CultureInfo.InvariantCulture, $", drawn by seed {seed}"); }
        if (Proximal > 0) { text += string.Create(CultureInfo.InvariantCulture, $", proximal {Proximal}"); }
        if (Tuning is not null) { text += $", batch {Tuning}"; }
        if (KeepOptimizerState) { text += ", optimizer state kept"; }
        if (StepsBefore > 0) { text += string.Create(CultureInfo.InvariantCulture, $", after {StepsBefore} steps"); }
        if (Threads > 1) { text += ", two threads"; }
        if (MaxVisits is null) { text += ", visits without bound"; }
        else if (MaxVisits != DefaultVisits) { text += string.Create(CultureInfo.InvariantCulture, $", at most {MaxVisits} visits a row"); }
        if (ShrinkAfter is { } most) { text += string.Create(CultureInfo.InvariantCulture, $", smaller steps after {most} visits a row"); }
        if (Penalty > 0) { text += string.Create(CultureInfo.InvariantCulture, $", penalty {Penalty}"); }
        if (HoldBack is { } held) { text += $", {held}"; }
        if (AdjustLogits) { text += ", adjusted logits"; }
        if (SparesMoments) { text += ", moments spared"; }
        if (Announce) { text += ", announced"; }
        return Announce && AnnounceAfterClasses > 1
            ? text + string.Create(CultureInfo.InvariantCulture, $" with {AnnounceAfterClasses} classes")
            : text;
    }

    private string BufferText => Buffer switch
    {
        BufferKind.ClassBalanced => " class-balanced",
        BufferKind.Sliding => " newest",
        BufferKind.Forgetting => " forgetting",
        _ => "",
    };

    private static int MaxRows(ModelPlan plan) => Array.MaxLength / plan.Input.Size;

    private int LargestBatch(int rows) => Draw == DrawKind.Shuffle ? Math.Min(rows, BufferRows) : rows;

    private static void Require(bool holds, string name)
    {
        if (!holds) { throw new ArgumentOutOfRangeException(name); }
    }
}
