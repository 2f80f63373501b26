using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>The rule that rows leave by now: of a plan, by its choice, or by the budget.</summary>
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

    /// <summary>The rule in use.</summary>
    internal ExitRule Rule => Steering?.Rule ?? _rules[Index];

    /// <summary>Keeps to a loss; null where that is not asked for.</summary>
    internal ExitSteering? Steering { get; private set; }

    /// <summary>The choice in use, from 0, the cheapest.</summary>
    internal int Index => _budget?.Index ?? _plan.Chosen;

    /// <summary>Mean multiply-adds of the rows since the last change; null where no budget is followed.</summary>
    internal double? Measured => _budget?.Measured;

    /// <summary>Rows for which the rule will not change, whatever they cost.</summary>
    internal int RowsToDecision => _budget?.RowsToDecision ?? int.MaxValue;

    internal void State(ref StateStream s)
    {
        s.Value(ref _plan, LearningCodecs.ExitPlans);
        if (s.IsReading)
        {
            if (!_plan.Fits(_model)) { throw new StateException("expected exits of this model"); }
            _rules = RulesOf(_plan);
            Steer();
        }

        Steering?.State(ref s);
        _budget = s.Value(_budget is not null) ? (_budget ?? default).State(ref s, _plan.Curve) : null;
    }

    /// <summary>Takes a plan. False if it is not for this model.</summary>
    internal bool Take(ExitPlan plan)
    {
        if (!plan.Fits(_model)) { return false; }
        (_plan, _rules) = (plan, RulesOf(plan));
        Steer();
        Spend(_budget?.MultiplyAddsPerRow);
        return true;
    }

    /// <summary>Takes a budget or an event. Where a loss is kept to there is no budget, and of the events only an alarm counts.</summary>
    internal void Take(InferenceBudget message)
    {
        if (Steering is { } steering)
        {
            if (message.Event == InferenceEvent.DriftAlarm) { steering.Alarm(); }
            return;
        }

        if (message.MultiplyAddsPerRow is { } multiplyAdds) { Spend(multiplyAdds); }
        _budget = message.Event switch
        {
            InferenceEvent.QueueFull => _budget?.QueueFull(),
            InferenceEvent.DriftAlarm => _budget?.DriftAlarm(_plan.Curve),
            _ => _budget,
        };
    }

    /// <summary>Counts the work of a row.</summary>
    internal void Add(long multiplyAdds) => _budget = _budget?.Add(_plan.Curve, multiplyAdds);

    private static ImmutableArray<ExitRule> RulesOf(ExitPlan plan) =>
        [.. Enumerable.Range(0, plan.Curve.Points.Length).Select(plan.Curve.RuleAt)];

    private void Steer() => Steering = _adaptive is { } adaptive ? new(_model, _plan.Curve, adaptive) : null;

    private void Spend(double? multiplyAddsPerRow) => _budget = multiplyAddsPerRow is { } budget
        ? ExitBudget.Of(_plan.Curve, budget, _model.Plan.MultiplyAdds)
        : null;
}
