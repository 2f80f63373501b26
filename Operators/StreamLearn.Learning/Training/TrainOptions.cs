using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Which rows a full replay buffer keeps.</summary>
public enum BufferKind
{
    /// <summary>A uniform sample of all rows. Source: Vitter (1985), algorithm R.</summary>
    Reservoir,

    /// <summary>
    /// As many of each class as there are, up to its share of the places: a row takes the place of a random one of the largest class, and
    /// within a class that has been the largest every row has the same chance. Source: Chrysakis, Moens (2020).
    /// </summary>
    ClassBalanced,

    /// <summary>The newest rows.</summary>
    Sliding,

    /// <summary>
    /// Rows that are the less likely the older they are: each row takes the place of a random one, so that half of a buffer of n rows is
    /// forgotten in 0.69 n rows.
    /// </summary>
    Forgetting,
}

/// <summary>How the rows of a step are drawn from the replay buffer.</summary>
public enum DrawKind
{
    /// <summary>Each on its own, with replacement.</summary>
    Replacement,

    /// <summary>
    /// In passes over the rows held when the pass began, each in a new order; the last step of a pass may have fewer rows. A step of as
    /// many rows as are held, or more, takes them all, in the order of their places.
    /// </summary>
    Shuffle,
}

/// <summary>Settings of <c>Train</c>. A row is one of the model's: a window, if the model takes windows.</summary>
public sealed record TrainOptions
{
    /// <summary>Moves the weights; default SGD of rate 0.05, momentum 0.9, clipped at norm 2. The steps of its schedule go on over all
    /// rounds.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.05f);

    /// <summary>
    /// True: what the optimizer remembers, as a momentum, lives on when a version is pulled. False, the default: it starts anew, as in
    /// federated averaging. A device without receipts that has had no newer version keeps it either way, as it keeps its weights.
    /// </summary>
    public bool KeepOptimizerState { get; init; }

    /// <summary>Rows that the replay buffer keeps. Rows, at least 1, and one for each class if class-balanced; default 512.</summary>
    public int BufferRows { get; init; } = 512;

    /// <summary>Which rows the replay buffer keeps; default a reservoir.</summary>
    public BufferKind Buffer { get; init; }

    /// <summary>How the rows of a step are drawn; default with replacement.</summary>
    public DrawKind Draw { get; init; }

    /// <summary>Seed of the order in which rows are drawn, so that devices that hold the same rows make the same steps; null, the default:
    /// each device has an order of its own.</summary>
    public long? DrawSeed { get; init; }

    /// <summary>
    /// True: from <see cref="StartAfterRows"/> rows on, step follows step until the input ends or <see cref="MaxVisits"/> is reached,
    /// whether rows come or not; those that come wait for one step at most. Rows earn nothing then. A device of the simulation needs a
    /// bound on its speed for this: where steps take no time, time stands still. Default false.
    /// </summary>
    public bool Continuous { get; init; }

    /// <summary>Labelled rows that earn <see cref="StepsPerRow"/> steps. Rows, at least 1; default 1.</summary>
    public int RowsPerStep { get; init; } = 1;

    /// <summary>
    /// Steps that <see cref="RowsPerStep"/> labelled rows earn: above 1 where rows come more slowly than they can be learned from. At least
    /// 1; default 1.
    /// </summary>
    public int StepsPerRow { get; init; } = 1;

    /// <summary>Rows drawn from the replay buffer for a step. Rows, at least 1; default 16.</summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>
    /// Chooses the rows of a step from the gradients and the memory there is, starting with <see cref="BatchRows"/>, or with those of a
    /// directive, for which the learning rate is meant; never above <see cref="MaxBatchRows"/>. No clock is asked, so the simulation
    /// chooses what the device would. Null: they stay. Default null.
    /// </summary>
    public BatchTuning? Tuning { get; init; }

    /// <summary>Rows of a step that a directive may ask for at most. Rows, at least 1; default 4096.</summary>
    public int MaxBatchRows { get; init; } = 4096;

    /// <summary>Labelled rows from which on steps are earned. Rows, at least 1; default 8.</summary>
    public int StartAfterRows { get; init; } = 8;

    /// <summary>
    /// Times that a row is learned from at most, in the mean over all rows that have come. In the second half of them the learning rate
    /// falls to 0, as half a cosine; then the device rests: no round begins until more rows have come. It makes <see cref="MinSteps"/>
    /// steps in any case. Training that goes on from a buffer makes a model better for the people who train it, and worse for others. At
    /// least 1; default 192; null: no bound.
    /// </summary>
    public int? MaxVisits { get; init; } = DefaultVisits;

    /// <summary>Steps that a device makes whatever <see cref="MaxVisits"/> says, so that one of few rows learns at all.</summary>
    public const int MinSteps = 1024;

    /// <summary>Rows that are not learned from, on which the device measures each version; default null: none.</summary>
    public HoldBackOptions? HoldBack { get; init; }

    /// <summary>Steps in an update. At least 1; default 4.</summary>
    public int StepsPerUpdate { get; init; } = 4;

    /// <summary>
    /// Strength μ of the proximal term: each gradient has μ (w − the pulled w) added over the trained values, before the optimizer sees it.
    /// 0 or more; default 0, which changes no bit. Source: Li et al. (2020), FedProx.
    /// </summary>
    public float Proximal { get; init; }

    /// <summary>
    /// True: the loss sees scores with the logarithm of each class's share in the replay buffer added, −30 for a class that is not in it,
    /// so that a device with few classes does not unlearn the others; for models with an output for each class. Answers are then as if
    /// all classes were equally frequent: where they are not, plain accuracy may fall. From rows of one class nothing is learned: they do
    /// not count as samples, and an update of no others is refused as <c>no-samples</c>. Source: Menon et al. (2021). Default false.
    /// </summary>
    public bool AdjustLogits { get; init; }

    /// <summary>
    /// True: before its first step the device sends an update without steps, with the moments of its rows, so that it is counted in; in
    /// lock-step it then waits for the first version, which carries the scale of all devices that were counted in. That is for rounds that
    /// end when every device has reported, whatever it did. Default false.
    /// </summary>
    public bool Announce { get; init; }

    /// <summary>
    /// Classes that the device has to hold rows of before it announces itself, so that no round waits for one that cannot learn yet; once
    /// its buffer is full, it does so in any case. Nothing is learned before. At least 1; default 1.
    /// </summary>
    public int AnnounceAfterClasses { get; init; } = 1;

    /// <summary>
    /// Threads that share the work of a step, 1 or 2; the bits are the same. Worth it from some 100,000 multiply-adds per layer on, and
    /// where a second core is idle. Default 1.
    /// </summary>
    public int Threads { get; init; } = 1;

    /// <summary>What happens after an update; default free.</summary>
    public TrainPace Pace { get; init; }

    /// <summary>What is done when an alarm comes that the stream has changed, from a flow that steers the block
    /// (<c>ControlledBy</c>).</summary>
    public DriftReaction Reaction { get; init; } = new();

    /// <summary>How the device keeps to the aggregator's pace; in force where receipts come. Default two updates under way.</summary>
    public CreditOptions Credit { get; init; } = new();

    /// <summary>
    /// Start of the device, for the identity of its updates: above that of every earlier start, and the same for all blocks of a run. Null
    /// (default): the start of the run in milliseconds since 1970, which a device whose clock was set back has to set.
    /// </summary>
    public long? Epoch { get; init; }

    /// <summary>
    /// Steps that the device had made before this start: where the optimizer's schedule goes on. The gauge <c>schedule-steps</c> says what
    /// to hand over. At least 0; default 0.
    /// </summary>
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
        Require(!AdjustLogits || plan.Classes == plan.Outputs, nameof(AdjustLogits));
        Require(Enum.IsDefined(Pace), nameof(Pace));
        Require(Enum.IsDefined(Buffer), nameof(Buffer));
        Require(Enum.IsDefined(Draw), nameof(Draw));
    }

    /// <summary>Throws if the loss learns from a teacher's scores: rows of a stream do not bring them along.</summary>
    public static void RequireNoTeacher(IModel model)
    {
        if (model is Network { Objective: Distillation } network)
        {
            throw new ArgumentException($"expected a network that learns from rows alone, got {network.Structure}");
        }
    }

    /// <summary>Throws if a model's step has nothing to do for a second thread.</summary>
    internal static void RequireThreads(IModel model, int threads)
    {
        if (threads > model.MaxThreads)
        {
            throw new ArgumentException($"expected {nameof(Threads)} = 1: a step of {model.Structure} is not shared among threads");
        }
    }

    /// <summary>Rows of a step that a directive may ask for at most, and the options themselves.</summary>
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
        if (HoldBack is { } held) { text += $", {held}"; }
        if (AdjustLogits) { text += ", adjusted logits"; }
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
