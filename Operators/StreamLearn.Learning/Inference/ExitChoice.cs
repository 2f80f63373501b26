namespace StreamLearn.Learning;

internal sealed class ExitChoice
{
    private readonly IStagedModel _model;
    private ExitPlan _plan;
    private ImmutableArray<ExitRule> _rules;
    private readonly AdaptiveExits? _adaptive;
    private ExitBudget? _budget;

    internal ExitChoice(IStagedModel model, InferOptions options)
    {
        (_model, _plan, _adaptive) = (model, options.PlanFor(model), options.Adaptive);
        _rules = RulesOf(_plan);
        Steer();
        Spend(options.MultiplyAddsPerRow);
    }

    internal ExitRule Rule => Steering?.Rule ?? _rules[Index];

    /// <summary>Chooses exits by the measured loss; null if the loss has no limit.</summary>
    internal ExitSteering? Steering { get; private set; }

    internal int Index => _budget?.Index ?? _plan.Chosen;

    internal double? Measured => _budget?.Measured;

    internal int RowsToDecision => _budget?.RowsToDecision ?? int.MaxValue;

    internal void State(ref StateStream s)
    {
        s.Value(ref _plan, LearningCodecs.ExitPlans);
        if (s.IsReading)
        {
            if (!_plan.Fits(_model)) { throw new StateException("expected the exits of this model, got those of another model"); }
            _rules = RulesOf(_plan);
            Steer();
        }

        Steering?.State(ref s);
        _budget = s.Value(_budget is not null) ? (_budget ?? default).State(ref s, _plan.Curve) : null;
    }

    internal bool Take(ExitPlan plan)
    {
        if (!plan.Fits(_model)) { return false; }
        (_plan, _rules) = (plan, RulesOf(plan));
        Steer();
        Spend(_budget?.MultiplyAddsPerRow);
        return true;
    }

    /// <summary>With a limit on the loss, only drift alarms apply.</summary>
    internal void Take(InferenceBudget message)
    {
        if (Steering is { } steering)
        {
            if (message.HasDrifted) { steering.Alarm(); }
            return;
        }

        if (message.MultiplyAddsPerRow is { } multiplyAdds) { Spend(multiplyAdds); }
        if (message.IsQueueFull) { _budget = _budget?.QueueFull(); }
        if (message.HasDrifted) { _budget = _budget?.DriftAlarm(_plan.Curve); }
    }

    internal void Add(long multiplyAdds) => _budget = _budget?.Add(_plan.Curve, multiplyAdds);

    private static ImmutableArray<ExitRule> RulesOf(ExitPlan plan) =>
        [.. Enumerable.Range(0, plan.Curve.Points.Length).Select(plan.Curve.RuleAt)];

    private void Steer() => Steering = _adaptive is { } adaptive ? new(_model, _plan.Curve, adaptive) : null;

    private void Spend(double? multiplyAddsPerRow) => _budget = multiplyAddsPerRow is { } budget
        ? ExitBudget.Of(_plan.Curve, budget, _model.Plan.MultiplyAdds)
        : null;
}
