namespace StreamLearn.Fleets;

/// <summary>Purpose of a fleet's next round, as in the gauge <c>stage</c>.</summary>
public enum TauStage
{
    /// <summary>Learning; more rounds follow.</summary>
    Learning,

    /// <summary>The last learning round.</summary>
    LastLearning,

    /// <summary>One step, to evaluate the loss of the last model.</summary>
    Evaluating,

    /// <summary>The budget is spent.</summary>
    Ended,
}

internal readonly record struct TauRound(
    ImmutableArray<double> Local, ImmutableArray<double> Whole, Divergence? Divergence = null, bool IsFinite = true)
{
    /// <summary>Local steps made; null (default): as planned.</summary>
    public int? Steps { get; init; }

    /// <summary>Worth of local steps; null (default): not measured.</summary>
    public LocalWorth? Worth { get; init; }
}

/// <summary>Adaptive tau: chooses the next round's local steps for the least loss when the budget is spent. Immutable.</summary>
/// <remarks>Source: Wang et al., IEEE JSAC 37(6), 2019; choosing steps by worth, without phi, is this library's. Unlike in the paper, a
/// round that no longer fits becomes an evaluation, so constant costs stay within the budget.</remarks>
internal sealed record TauPlan
{
    private readonly TauCourse _course;     // immutable

    /// <summary>First round: one step or, if chosen by worth with a time budget, those that fit into the device's wait.</summary>
    public TauPlan(ImmutableArray<Resource> budget, TauSettings? settings = null)
        : this(new TauCourse(budget, settings ?? new()))
    {
    }

    private TauPlan(TauCourse course) => (_course, Used) = (course, [.. course.Used]);

    public ImmutableArray<Resource> Budget => _course.Budget;

    public TauSettings Settings => _course.Settings;

    /// <summary>tau: number of local steps in the next round, at least 1.</summary>
    public int Steps => _course.Steps;

    public TauStage Stage => _course.Stage;

    public ImmutableArray<double> Used { get; }

    public Divergence? Divergence => _course.Divergence;

    /// <summary>c and b of each resource used for the plan; zeros before the first round.</summary>
    public ImmutableArray<RoundCost> Costs => [.. _course.Costs];

    public TauPlan After(in TauRound round)
    {
        if (Stage == TauStage.Ended) { throw new InvalidOperationException("the plan has ended: no round follows it"); }
        var count = Budget.Length;
        if (round.Local.IsDefault || round.Whole.IsDefault || round.Local.Length != count || round.Whole.Length != count)
        {
            throw new ArgumentException($"expected the round's use of {count} resources", nameof(round));
        }

        var next = new TauCourse(_course);
        next.After(round.Steps, round.Local.AsSpan(), round.Whole.AsSpan(), round.Divergence, round.IsFinite, round.Worth);
        return new(next);
    }

    /// <summary>Resets what is known about the devices, as after a change of data; restarts with one step.</summary>
    public TauPlan Restart()
    {
        if (Stage != TauStage.Learning) { return this; }
        var next = new TauCourse(_course);
        next.Restart();
        return new(next);
    }
}
