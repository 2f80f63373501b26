namespace StreamLearn.Simulation;

/// <summary>What happens at a moment of virtual time.</summary>
internal enum EventKind
{
    Source,
    WakeUp,
    CallEnd,

    /// <summary>The end of a call that a wake-up made and that emits nothing.</summary>
    IdleCallEnd,
    Sent,
    Arrival,

    /// <summary>What the program planned for this time.</summary>
    Plan,
}

/// <summary>The events to come, by time, and in the order in which they were added where their times are the same.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<(EventKind Kind, Actor? Actor, Action? Plan), (long Time, long Number)> _events = new();
    private long _number;

    /// <summary>Ends of calls and transfers to come: what is under way, and not only planned.</summary>
    internal int UnderWay { get; private set; }

    internal void Add(long time, EventKind kind, Actor? actor, Action? plan = null)
    {
        if (IsUnderWay(kind)) { UnderWay++; }
        _events.Enqueue((kind, actor, plan), (time, _number++));
    }

    /// <summary>Takes the next event, if its time is not later than a given one.</summary>
    internal bool TryTake(long until, out long time, out (EventKind Kind, Actor? Actor, Action? Plan) next)
    {
        time = 0;
        if (!_events.TryPeek(out next, out var key) || key.Time > until) { return false; }
        _events.Dequeue();
        time = key.Time;
        if (IsUnderWay(next.Kind)) { UnderWay--; }
        return true;
    }

    private static bool IsUnderWay(EventKind kind) => kind is EventKind.CallEnd or EventKind.Sent or EventKind.Arrival;
}
