namespace StreamLearn.Simulation;

internal enum EventKind
{
    Source,
    WakeUp,
    CallEnd,

    IdleCallEnd,
    Sent,
    Arrival,

    Plan,
}

/// <summary><paramref name="Actor"/>: null for a scheduled action. <paramref name="PlanNumber"/>: from 0; −1: scheduled in a run.</summary>
internal readonly record struct WorldEvent(EventKind Kind, Actor? Actor, Action? Plan = null, int PlanNumber = -1);

internal sealed class EventQueue
{
    private readonly PriorityQueue<WorldEvent, (long Time, long Number)> _events = new();

    internal long NextNumber { get; set; }

    internal int UnderWay { get; private set; }

    internal IEnumerable<(WorldEvent Event, (long Time, long Number) Place)> All =>
        _events.UnorderedItems.Select(static e => (e.Element, e.Priority)).OrderBy(static e => e.Priority);

    internal void Add(long time, in WorldEvent added) => Add((time, NextNumber++), added);

    internal void Add((long Time, long Number) place, in WorldEvent added)
    {
        if (IsUnderWay(added.Kind)) { UnderWay++; }
        _events.Enqueue(added, place);
    }

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
