using System.Collections.Immutable;

namespace StreamLearn.Fleets;

/// <summary>What the next round of a fleet is for.</summary>
public enum TauStage
{
    /// <summary>It learns, and more rounds follow.</summary>
    Learning,

    /// <summary>It learns for the last time.</summary>
    LastLearning,

    /// <summary>It makes one step, to find the loss of the last model.</summary>
    Evaluating,

    /// <summary>There is none: the budget is spent.</summary>
    Ended,
}

/// <summary>What a round has shown.</summary>
/// <param name="Local">What the local steps used of each resource.</param>
/// <param name="Whole">What the whole round used of each resource, that included.</param>
/// <param name="Divergence">How far apart the devices ran; null: nobody knows yet.</param>
/// <param name="IsFinite">False: the new model was not finite, and the one before is used again.</param>
public readonly record struct TauRound(
    ImmutableArray<double> Local, ImmutableArray<double> Whole, Divergence? Divergence = null, bool IsFinite = true)
{
    /// <summary>Local steps that were made; null, the default: those that were planned.</summary>
    public int? Steps { get; init; }

    /// <summary>What local steps are worth; null, the default: it was not measured.</summary>
    public LocalWorth? Worth { get; init; }
}

/// <summary>
/// Adaptive tau: how many local steps the devices make in the next round, so that the loss is least when the budget is spent. A value: a
/// round that has ended gives the plan of the next.
/// </summary>
/// <remarks>
/// Source: Wang et al., IEEE JSAC 37(6), 2019; that steps are chosen by their worth, where no phi is given, is ours. Other than there, a
/// round that no longer fits is not begun: the loss is evaluated instead, so that with costs that do not vary the budget holds.
/// </remarks>
public sealed record TauPlan
{
    private readonly TauCourse _course;     // never changed

    /// <summary>The plan of the first round, as nothing is known. Where steps are chosen by their worth and time is in the budget, devices
    /// may make all steps that fit the time for which they have waited; else it is of one step.</summary>
    /// <param name="budget">What there is; one resource at least.</param>
    /// <param name="settings">How steps are chosen; null: the defaults.</param>
    /// <exception cref="ArgumentException">There is no resource, or a setting is out of range.</exception>
    public TauPlan(ImmutableArray<Resource> budget, TauSettings? settings = null)
        : this(new TauCourse(budget, settings ?? new()))
    {
    }

    private TauPlan(TauCourse course) => (_course, Used) = (course, [.. course.Used]);

    /// <summary>What there is.</summary>
    public ImmutableArray<Resource> Budget => _course.Budget;

    /// <summary>How steps are chosen.</summary>
    public TauSettings Settings => _course.Settings;

    /// <summary>tau: the local steps of the next round, at least 1.</summary>
    public int Steps => _course.Steps;

    /// <summary>What the next round is for.</summary>
    public TauStage Stage => _course.Stage;

    /// <summary>What has been used of each resource.</summary>
    public ImmutableArray<double> Used { get; }

    /// <summary>How far apart the devices ran when that was last known; null: it never was.</summary>
    public Divergence? Divergence => _course.Divergence;

    /// <summary>c and b of each resource, by which the next round was planned; zeros before the first.</summary>
    public ImmutableArray<RoundCost> Costs => [.. _course.Costs];

    /// <summary>The plan after a round that followed this one.</summary>
    /// <param name="round">What it has shown.</param>
    /// <exception cref="ArgumentException">It does not say what it used of each resource.</exception>
    /// <exception cref="InvalidOperationException">The plan has ended.</exception>
    public TauPlan After(in TauRound round)
    {
        if (Stage == TauStage.Ended) { throw new InvalidOperationException("the plan has ended: no round follows it"); }
        var count = Budget.Length;
        if (round.Local.IsDefault || round.Whole.IsDefault || round.Local.Length != count || round.Whole.Length != count)
        {
            throw new ArgumentException($"expected what the round used of {count} resources", nameof(round));
        }

        var next = new TauCourse(_course);
        next.After(round.Steps, round.Local.AsSpan(), round.Whole.AsSpan(), round.Divergence, round.IsFinite, round.Worth);
        return new(next);
    }

    /// <summary>The plan without what was known of the devices, as when their data have changed: it begins with one step.</summary>
    public TauPlan Restart()
    {
        if (Stage != TauStage.Learning) { return this; }
        var next = new TauCourse(_course);
        next.Restart();
        return new(next);
    }
}
