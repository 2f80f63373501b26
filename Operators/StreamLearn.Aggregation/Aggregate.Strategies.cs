namespace StreamLearn.Aggregation;

/// <content>Going on with another strategy.</content>
internal sealed partial class Aggregate
{
    /// <inheritdoc />
    public void Control(StrategyChoice message)
    {
        if (StrategyOf(message.Name) is null)
        {
            _context.Drop(message, "unknown-strategy");
            return;
        }

        if (message.Name == _strategy) { return; }
        _context.Record("strategy-changes");
        if (_restoreBy is not null)
        {
            Use(message.Name);
            return;
        }

        // the open round ends by the rules under which it was gathered; who waits for a version gets one, and is told of the new rules
        var valid = _round.Updates > 0;
        Move(valid);
        Use(message.Name);
        if (_fleet.Known > 0) { Close(valid); }
        Continue();
        _downlink?.Send();
    }

    private Strategy? StrategyOf(string name) =>
        name.Length == 0 ? _first : _options.Others.FirstOrDefault(o => o.Name == name)?.Strategy;

    /// <summary>Follows the rules of a strategy from now on.</summary>
    private void Use(string name)
    {
        (_strategy, _rounds) = (name, StrategyOf(name)!.Rounds);
        _enroll = _options.Enroll ?? _rounds.Enroll;
        (_intake.Rules, _directives.Rule) = (_rounds, _rounds.Direct);
        _model.Use(_rounds.Apply);
        _check.Use(_rounds.Apply.Bases);
    }
}
