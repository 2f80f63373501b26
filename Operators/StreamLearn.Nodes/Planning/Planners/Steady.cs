namespace StreamLearn.Nodes;

/// <summary>Keeps the current plan unless another is better by a margin, because estimates are noisy.</summary>
/// <remarks>It compares by <see cref="PlanValue"/> under the present view, and replaces a plan that cannot run.</remarks>
/// <param name="Inner">The planner of alternatives.</param>
/// <param name="MinGain">Minimum relative gain, 0 or more; default 0.05.</param>
public sealed record Steady(Planner Inner, double MinGain = 0.05) : Planner
{
    /// <inheritdoc />
    public override Plan Plan(LayerCosts model, ResourceView view, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentOutOfRangeException.ThrowIfNegative(MinGain);
        var next = Inner.Plan(model, view, objective);
        if (view.Current is null || PlanValue.Under(view.Current, model, view, objective) is not { } current
            || !current.Routes.Select(static route => route.Device).SequenceEqual(next.Routes.Select(static route => route.Device)))
        {
            return next;
        }

        var local = PlanValue.Local(model, view, objective);
        var (before, after) = (PlanValue.Of(current, local, objective.Alpha), PlanValue.Of(next, local, objective.Alpha));
        return before - after > MinGain * before || !double.IsFinite(before) ? next : current;
    }
}
