using System.Collections.Immutable;

namespace StreamLearn.Adaptation;

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
}

/// <summary>
/// Adaptive tau: how many local steps the devices make in the next round, so that the loss is least when the budget is spent. A value: a
/// round that has ended gives the plan of the next.
/// </summary>
/// <remarks>
/// Source: Wang et al., IEEE JSAC 37(6), 2019. Other than there, a round that no longer fits is not begun: the loss is evaluated instead,
/// so that with costs that do not vary the budget holds.
/// </remarks>
public sealed record TauPlan
{
    private ImmutableArray<CostEstimate> _estimates;

    /// <summary>The plan of the first round: one step, as nothing is known, where steps are chosen.</summary>
    /// <param name="budget">What there is; one resource at least.</param>
    /// <param name="settings">How steps are chosen; null: the defaults.</param>
    /// <exception cref="ArgumentException">There is no resource, or a setting is out of range.</exception>
    public TauPlan(ImmutableArray<Resource> budget, TauSettings? settings = null)
    {
        if (budget.IsDefaultOrEmpty) { throw new ArgumentException("expected one resource at least", nameof(budget)); }
        foreach (var resource in budget) { resource.Check(); }
        (Budget, Settings) = (budget, settings ?? new());
        Settings.Check();
        Steps = Settings.FixedSteps ?? 1;
        Used = [.. budget.Select(static _ => 0.0)];
        _estimates = [.. budget.Select(static _ => default(CostEstimate))];
    }

    /// <summary>What there is.</summary>
    public ImmutableArray<Resource> Budget { get; }

    /// <summary>How steps are chosen.</summary>
    public TauSettings Settings { get; }

    /// <summary>tau: the local steps of the next round, at least 1.</summary>
    public int Steps { get; private init; }

    /// <summary>What the next round is for.</summary>
    public TauStage Stage { get; private init; }

    /// <summary>What has been used of each resource.</summary>
    public ImmutableArray<double> Used { get; private init; }

    /// <summary>How far apart the devices ran when that was last known; null: it never was.</summary>
    public Divergence? Divergence { get; private init; }

    /// <summary>c and b of each resource, by which the next round was planned; zeros before the first.</summary>
    public ImmutableArray<RoundCost> Costs => [.. _estimates.Select(e => Settings.IsSafe ? e.Careful : e.Last)];

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

        var (local, whole, steps) = (round.Local, round.Whole, round.Steps ?? Steps);
        var next = this with
        {
            Used = [.. Used.Select((used, m) => used + whole[m])],
            _estimates = [.. _estimates.Select((e, m) => e.With(steps, local[m], whole[m]))],
            Divergence = round.Divergence ?? Divergence,
        };
        return Stage switch
        {
            TauStage.Evaluating => next with { Stage = TauStage.Ended },
            TauStage.LastLearning => next with { Stage = TauStage.Evaluating, Steps = 1 },
            _ => next.Choose(round.IsFinite),
        };
    }

    /// <summary>The plan without what was known of the devices, as when their data have changed: it begins with one step.</summary>
    public TauPlan Restart() =>
        Stage == TauStage.Learning ? this with { Steps = Settings.FixedSteps ?? 1, Divergence = null } : this;

    internal void Save(StateWriter writer)
    {
        writer.Write(Steps);
        writer.Write((int)Stage);
        writer.Write(Budget.Length);
        foreach (var used in Used) { writer.Write(used); }
        foreach (var estimate in _estimates) { estimate.Save(writer); }
        writer.Write(Divergence is not null);
        if (Divergence is not { } apart) { return; }
        writer.Write(apart.Rho);
        writer.Write(apart.Beta);
        writer.Write(apart.Delta);
    }

    /// <summary>The plan that was written, of the same budget and settings.</summary>
    internal TauPlan Load(ref StateReader reader)
    {
        var (steps, stage) = (reader.ReadInt32(1, int.MaxValue), (TauStage)reader.ReadInt32(0, (int)TauStage.Ended));
        if (reader.ReadInt32() is var resources && resources != Budget.Length)
        {
            throw new StateException($"expected a budget of {Budget.Length} resources, got {resources}");
        }

        var (used, estimates) = (new double[resources], new CostEstimate[resources]);
        for (var m = 0; m < resources; m++) { used[m] = reader.ReadDouble(); }
        for (var m = 0; m < resources; m++) { estimates[m] = CostEstimate.Load(ref reader); }
        return this with
        {
            Steps = steps,
            Stage = stage,
            Used = [.. used],
            _estimates = [.. estimates],
            Divergence = reader.ReadBoolean() ? new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()) : null,
        };
    }

    private TauPlan Choose(bool isFinite)
    {
        var costs = Costs;
        var wanted = !isFinite ? 1
            : Settings.FixedSteps is { } steps ? steps
            : Divergence is { } apart
                ? TauSearch.Best(Math.Min(Settings.MaxSteps, SaturatedProduct(Steps, Settings.Growth)),
                    [.. Budget.Select(static r => r.Limit)], costs.AsSpan(), apart, Settings)
                : Steps;
        var fits = double.PositiveInfinity;
        var goesOn = true;
        for (var m = 0; m < Budget.Length; m++)
        {
            var left = Budget[m].Limit - Used[m] - (2 * costs[m].Aggregation) - costs[m].Step;      // after it the loss is evaluated
            goesOn &= costs[m].Step * wanted < left;
            fits = Math.Min(fits, costs[m].Step > 0 ? left / costs[m].Step : left >= 0 ? fits : 0);
        }

        return goesOn ? this with { Steps = wanted }
            : fits < 1 ? this with { Steps = 1, Stage = TauStage.Evaluating }
            : this with { Steps = (int)Math.Min(wanted, Math.Floor(fits)), Stage = TauStage.LastLearning };
    }

    private static int SaturatedProduct(int a, int b) => (int)Math.Min(int.MaxValue, (long)a * b);
}
