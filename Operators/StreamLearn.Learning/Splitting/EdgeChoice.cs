namespace StreamLearn.Learning;

/// <summary>The edge that a device sends to: the one that answered under the highest term.</summary>
internal sealed class EdgeChoice(OperatorContext context)
{
    private string? _name;
    private int _term;

    /// <summary>Its name; null while no edge has said one.</summary>
    internal string? Name => _name;

    internal void State(ref StateStream s)
    {
        _name = s.Text(_name);
        s.Value(ref _term, 0, int.MaxValue);
    }

    /// <summary>True if the message is of an edge that the session has left.</summary>
    internal bool IsPast(BoundaryGradients message) => message.Term < _term;

    /// <summary>Follows a message to its edge. True if the session has moved there.</summary>
    internal bool Follow(BoundaryGradients message)
    {
        if (message.Edge is not { } edge || message.Term <= _term) { return false; }
        (_name, _term) = (edge, message.Term);
        context.Gauge("session-term", _term);
        return true;
    }
}
