namespace StreamLearn.Operators;

internal sealed class TimeCheck(EventClock clock, TimeSpan maxFuture, OperatorContext context)
{
    private readonly long _maxFuture = EventClock.Nanoseconds(maxFuture);
    private long _latest;

    internal void ReadClock()
    {
        var now = clock.Now(context);
        _latest = now > EventClock.Bound - _maxFuture ? EventClock.Bound : now + _maxFuture;
    }

    internal void State(ref StateStream s) => s.Value(ref _latest);

    internal RowFault Of(long time) =>
        time is < -EventClock.Bound or > EventClock.Bound ? RowFault.BadTime
        : time > _latest ? RowFault.Future
        : RowFault.None;
}
