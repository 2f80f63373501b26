using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>The edge that a device sends to: the one that answered under the highest term. Once that one has been silent for long, the next
/// that answers.</summary>
internal sealed class EdgeChoice(OperatorContext context)
{
    /// <summary>Moves of a session, each with a term or two, of which a device may have missed all but the last.</summary>
    private const int MaxTermsAhead = 1 << 16;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(1);

    private string? _name;
    private int _term;
    private DateTimeOffset _heardAt;

    /// <summary>Its name; null while no edge has said one.</summary>
    internal string? Name => _name;

    internal void State(ref StateStream s)
    {
        _name = s.Text(_name);
        s.Value(ref _term, 0, int.MaxValue);
        s.ClockTime(ref _heardAt);
    }

    /// <summary>True if the message is of an edge that the session has left.</summary>
    internal bool IsPast(BoundaryGradients message)
    {
        if (message.Term >= _term) { return false; }
        if (context.Now - _heardAt < MaxSilence) { return true; }
        (_name, _term) = (null, 0);
        return false;
    }

    /// <summary>Follows a message to its edge. True if the session has moved there.</summary>
    internal bool Follow(BoundaryGradients message)
    {
        if (message.Term == _term) { _heardAt = context.Now; }
        if (message.Edge is not { } edge || message.Term <= _term || message.Term - _term > MaxTermsAhead) { return false; }
        (_name, _term, _heardAt) = (edge, message.Term, context.Now);
        context.Gauge("session-term", _term);
        return true;
    }
}
