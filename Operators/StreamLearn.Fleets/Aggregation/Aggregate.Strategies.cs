namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    public void Control(StrategyChoice message)
    {
        if (StrategyOf(message.Name) is null)
        {
            _context.Drop(message, "unknown-strategy");
            return;
        }

        if (AwaitsVersion)
        {
            _choice = message.Name;     // a restored version may arrive before the round ends
            return;
        }

        if (message.Name == _strategy) { return; }
        _context.Record("strategy-changes");

        // the open round ends under its old rules; waiting devices get a version and the new rules
        var (valid, isKnown) = (_round.Updates > 0, _fleet.Known > 0);
        if (isKnown) { Move(valid); }
        Use(message.Name);
        if (isKnown) { Close(valid); }
        Continue();
        _downlink?.Send();
    }

    private Strategy? StrategyOf(string name) => name.Length == 0 ? _first : _options.Others.FirstOrDefault(o => o.Name == name).Strategy;

    private void Use(string name)
    {
        (_strategy, _rounds) = (name, StrategyOf(name)!.Rounds);
        _enroll = _options.Enroll ?? _rounds.Enroll;
        (_intake.Rules, _directives.Rule) = (_rounds, _rounds.Direct);
        _model.Use(_rounds.Apply);
        _check.Use(_rounds.Apply.Bases);
        (_usual, _present) = (new(), new());
        _steering = _intake.Steering = (_rounds.Steer == Fleets.Steer.None ? _options.Steer : _rounds.Steer).Begin(_learned);
    }
}
