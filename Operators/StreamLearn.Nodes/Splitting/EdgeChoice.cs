namespace StreamLearn.Nodes;

/// <summary>Selects the edge with the highest term or, after a long silence, the next one that answers.</summary>
internal sealed class EdgeChoice(OperatorContext context)
{
    /// <summary>How many terms ahead a session may be, because moves were missed, at one or two terms each.</summary>
    private const int MaxTermsAhead = 1 << 16;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private string? _name;
    private int _term;
    private DateTimeOffset _answeredAt;

    internal string? Name => _name;

    internal void State(ref StateStream s)
    {
        _name = s.Text(_name);
        s.Value(ref _term, 0, int.MaxValue);
        s.ClockTime(ref _answeredAt);
    }

    internal bool IsPast(BoundaryGradients message)
    {
        if (message.Term >= _term) { return false; }
        if (context.Now - _answeredAt < MaxSilence) { return true; }
        (_name, _term) = (null, 0);
        return false;
    }

    internal bool Follow(BoundaryGradients message)
    {
        if (message.Term == _term) { _answeredAt = context.Now; }
        if (message.Edge is not { } edge || message.Term <= _term || message.Term - _term > MaxTermsAhead) { return false; }
        (_name, _term, _answeredAt) = (edge, message.Term, context.Now);
        context.Gauge("session-term", _term);
        return true;
    }
}
