using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>Fit</c>.</summary>
public sealed record FitOptions
{
    /// <summary>Moves the weights; default Adam of rate 0.002.</summary>
    public Optimizer Optimizer { get; init; } = new Adam(0.002f);

    /// <summary>Times that all rows are learned from at most. At least 1; default 100.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Rows of a step. Rows, at least 1; default 32.</summary>
    public int BatchRows { get; init; } = 32;

    /// <summary>
    /// Share of the rows to validate with, in [0, 1); default 0.2. They are whole groups, at least one; of one group, the last rows. 0:
    /// none, and the last epoch counts.
    /// </summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Groups to validate with, instead of those that chance takes; empty by default.</summary>
    public ImmutableArray<int> ValidationGroups { get; init; } = [];

    /// <summary>Epochs without a lower loss of validation after which fitting ends. At least 1; default 15.</summary>
    public int Patience { get; init; } = 15;

    /// <summary>Steps without a lower loss of validation that there must be too before fitting ends: epochs of few rows are short. At least
    /// 0, the default.</summary>
    public long PatienceSteps { get; init; }

    /// <summary>Steps at most; it ends with the epoch in which they are reached. At least 1; without a bound by default.</summary>
    public long MaxSteps { get; init; } = long.MaxValue;

    /// <summary>Ends fitting after the epoch under way, with the best weights so far, such as when a limit of time is over; none by
    /// default.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>True: rare classes count more, so that each class counts the same. Default false.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>Changes of the rows that are learned from, in order; none by default.</summary>
    public ImmutableArray<Augmentation> Augment { get; init; } = [];

    /// <summary>Seed of order, split and augmentation. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// A file in which the state is kept after every epoch: fitting goes on from it, to the same bits. It is removed when fitting has come
    /// to its end. Null, the default: none.
    /// </summary>
    public string? StateFile { get; init; }

    /// <summary>Threads that share the work of a step, 1 or 2; the bits are the same. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Names of the classes, for the report; empty, the default: their numbers.</summary>
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
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, 2);
        if (!(ValidationShare is >= 0 and < 1)) { throw new ArgumentException("expected a validation share in [0, 1)"); }
        foreach (var augmentation in Augment) { augmentation.Check(plan.Input); }
    }

    internal string NameOf(int label) => label < ClassNames.Length ? ClassNames[label] : $"{label}";
}
