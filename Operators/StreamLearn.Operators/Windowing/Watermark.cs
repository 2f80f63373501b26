namespace StreamLearn.Operators;

/// <summary>The newest event time minus the delay. The watermark of an idle input advances with the clock.</summary>
internal sealed class Watermark(EventTimeOptions options, OperatorContext context)
{
    private const long BeforeAllTime = -EventClock.Bound - (EventClock.Bound / 4);

    private readonly long _delay = EventClock.Nanoseconds(options.Delay);
    private readonly bool _mayIdle = options.Idle != Timeout.InfiniteTimeSpan;
    private readonly long _idle = EventClock.Nanoseconds(options.Idle);
    private long _newest = BeforeAllTime;
    private DateTimeOffset _heard;

    /// <summary>The time before which no row is expected, in nanoseconds.</summary>
    internal long Time { get; private set; } = BeforeAllTime;

    internal void State(ref StateStream s)
    {
        s.Value(ref _newest);
        s.ClockTime(ref _heard);
        Time = s.Value(Time);
    }

    internal void Raise(long time)
    {
        if (time <= _newest) { return; }
        _newest = time;
        Time = Math.Max(Time, time - _delay);
    }

    internal void Hear() => _heard = context.Now;

    /// <summary>Follows the clock after enough silence, if there is something to close.</summary>
    internal void RaiseIfIdle(long end)
    {
        var silent = options.Clock.Passed(context.Now - _heard);
        if (_mayIdle && silent >= _idle) { Time = Math.Max(Time, Math.Min(_newest + silent - _delay, end)); }
    }

    internal void RaiseTo(long end) => Time = Math.Max(Time, end);

    internal void WakeAt(long due)
    {
        var silent = Math.Max(_idle, due + _delay - _newest);
        if (!_mayIdle || options.Clock.TimeFor(silent) is not { } wait || wait > DateTimeOffset.MaxValue - _heard) { return; }
        var wake = _heard + wait;
        context.WakeAt(wake > context.Now ? wake : context.Now + new TimeSpan(1));      // one tick later if rounding was too low
    }
}
