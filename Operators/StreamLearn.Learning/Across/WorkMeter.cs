namespace StreamLearn.Learning;

/// <summary>How long an operator's calls take for a multiply-add: a wake-up that is asked for at once comes when the call has
/// ended.</summary>
internal sealed class WorkMeter
{
    private readonly SteadyMean _pace = new(warmUp: 1);
    private DateTimeOffset _began;
    private long _multiplyAdds;

    /// <summary>Seconds of a multiply-add; null: not known yet.</summary>
    internal double? SecondsPerMultiplyAdd => _pace.Value;

    /// <summary>Seconds of some work; 0 where the pace is not known.</summary>
    internal double SecondsOf(double multiplyAdds) => multiplyAdds * (_pace.Value ?? 0);

    internal void State(ref StateStream s) => _pace.State(ref s);

    /// <summary>A call does so much work.</summary>
    internal void Begin(OperatorContext context, long multiplyAdds)
    {
        if (multiplyAdds <= 0) { return; }
        (_began, _multiplyAdds) = (context.Now, multiplyAdds);
        context.WakeAt(context.Now);
    }

    /// <summary>True from a call that did work until the wake-up after it.</summary>
    internal bool IsBusy => _multiplyAdds > 0;

    /// <summary>The block has been woken up: that call is over.</summary>
    /// <returns>When the call began; null: there was none.</returns>
    internal DateTimeOffset? End(DateTimeOffset now)
    {
        if (_multiplyAdds == 0) { return null; }
        _pace.Add((now - _began).TotalSeconds / _multiplyAdds);
        _multiplyAdds = 0;
        return _began;
    }
}
