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

/// <summary>An event to come. <paramref name="Actor"/>: whose it is; null for a plan. <paramref name="PlanNumber"/>: which plan of the
/// program it is, from 0; -1: it was planned during a run.</summary>
internal readonly record struct WorldEvent(EventKind Kind, Actor? Actor, Action? Plan = null, int PlanNumber = -1);

/// <summary>The events to come, by time, and in the order in which they were added where their times are the same.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<WorldEvent, (long Time, long Number)> _events = new();

    /// <summary>The number of the next event that is added.</summary>
    internal long NextNumber { get; set; }

    /// <summary>Ends of calls and transfers to come: what is under way, and not only planned.</summary>
    internal int UnderWay { get; private set; }

    /// <summary>All events to come, in order.</summary>
    internal IEnumerable<(WorldEvent Event, (long Time, long Number) Place)> All =>
        _events.UnorderedItems.Select(static e => (e.Element, e.Priority)).OrderBy(static e => e.Priority);

    internal void Add(long time, in WorldEvent added) => Add((time, NextNumber++), added);

    /// <summary>Adds an event at a place that it had before.</summary>
    internal void Add((long Time, long Number) place, in WorldEvent added)
    {
        if (IsUnderWay(added.Kind)) { UnderWay++; }
        _events.Enqueue(added, place);
    }

    /// <summary>Takes the next event, if its time is not later than a given one.</summary>
    internal bool TryTake(long until, out long time, out WorldEvent next)
    {
        time = 0;
        if (!_events.TryPeek(out next, out var key) || key.Time > until) { return false; }
        _events.Dequeue();
        time = key.Time;
        if (IsUnderWay(next.Kind)) { UnderWay--; }
        return true;
    }

    internal void Clear()
    {
        _events.Clear();
        UnderWay = 0;
    }

    private static bool IsUnderWay(EventKind kind) => kind is EventKind.CallEnd or EventKind.Sent or EventKind.Arrival;
}
