namespace StreamLearn.Learning;

/// <summary>Settings of <c>Fit</c>.</summary>
public sealed record FitOptions
{
    /// <summary>The optimizer; default Adam with a rate of 0.002.</summary>
    public Optimizer Optimizer { get; init; } = new Adam(0.002f);

    /// <summary>Maximum epochs, at least 1; default 100.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Rows per step, at least 1; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>Share of rows to validate with, in [0, 1); default 0.2. Whole groups are used, at least one; of a single group, the last
    /// rows. 0: none; the last epoch is used.</summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Fixed validation groups instead of random ones; default empty.</summary>
    public ImmutableArray<int> ValidationGroups { get; init; } = [];

    /// <summary>Epochs without a lower validation loss before fitting ends, at least 1; default 15.</summary>
    public int Patience { get; init; } = 15;

    /// <summary>Steps without a lower validation loss that are also required, for short epochs; default 0.</summary>
    public long PatienceSteps { get; init; }

    /// <summary>A validation loss at which nothing is left to gain, so that fitting ends; default 0.</summary>
    public double MinLoss { get; init; }

    /// <summary>Maximum steps, checked after an epoch, at least 1; default unbounded.</summary>
    public long MaxSteps { get; init; } = long.MaxValue;

    /// <summary>Ends fitting after the current epoch, with the best weights so far; default none.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>True: weights rows so that each class has the same weight. Default false.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>Augmentations of training rows, in order; default none.</summary>
    public ImmutableArray<Augmentation> Augment { get; init; } = [];

    /// <summary>Seed of order, split and augmentation; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>File to which the state is saved after every epoch. An interrupted fit resumes from it with identical results. It is
    /// deleted at the end. Null (default): none.</summary>
    public string? StateFile { get; init; }

    /// <summary>Threads per step, 1 or 2, with identical results; default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Class names for the report; empty, the default: numbers.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    internal void Check(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        Optimizer.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, Array.MaxLength / plan.Input.Size);
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(PatienceSteps);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1);
        if (!(MinLoss >= 0)) { throw new ArgumentException("expected a minimum loss of at least 0"); }
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 2);
        if (!(ValidationShare is >= 0 and < 1)) { throw new ArgumentException("expected a validation share in [0, 1)"); }
        foreach (var augmentation in Augment) { augmentation.Check(plan.Input); }
    }

    internal string NameOf(int label) => label < ClassNames.Length ? ClassNames[label] : $"{label}";
}
