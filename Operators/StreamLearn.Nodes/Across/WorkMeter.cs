namespace StreamLearn.Nodes;

/// <summary>Measures the time per multiply-add of calls: a wake-up requested at once arrives when the call has ended.</summary>
internal sealed class WorkMeter
{
    private const double ShareOfQueued = 0.02;      // share of a call; a message received this soon after a call arrived during it

    private DateTimeOffset _began;
    private DateTimeOffset _ended;
    private DateTimeOffset _queuedUntil;
    private long _multiplyAdds;
    private int _cut;

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _began);
        s.ClockTime(ref _ended);
        s.ClockTime(ref _queuedUntil);
        s.Value(ref _multiplyAdds);
        s.Value(ref _cut, 0, int.MaxValue);
    }

    internal void Begin(OperatorContext context, long multiplyAdds, int cut = 0)
    {
        if (multiplyAdds <= 0) { return; }
        (_began, _multiplyAdds, _cut) = (context.Now, multiplyAdds, cut);
        context.WakeAt(context.Now);
    }

    /// <summary>Returns true if the answer may have waited while a call computed.</summary>
    internal bool MayHaveQueued(DateTimeOffset sent, DateTimeOffset now) => _multiplyAdds > 0 || (now <= _queuedUntil && sent < _ended);

    internal (DateTimeOffset Began, int Cut, double Pace)? End(DateTimeOffset now)
    {
        if (_multiplyAdds == 0) { return null; }
        var (took, multiplyAdds) = (now - _began, _multiplyAdds);
        (_multiplyAdds, _ended, _queuedUntil) = (0, now, now + (took * ShareOfQueued));
        return (_began, _cut, took.TotalSeconds / multiplyAdds);
    }
}
