namespace StreamLearn.Simulation;

internal sealed class EventLoop(DateTimeOffset start)
{
    private const int StepsPerLook = 4096;

    private readonly EventQueue _events = new();
    private readonly Queue<Actor> _ready = [];
    private readonly Queue<VirtualDevice> _dirty = [];
    private bool _running;
    private bool _planned;      // true while a scheduled action runs, between blocks
    private int _plans;         // number of actions scheduled between runs

    internal DateTimeOffset Now => start + Elapsed;

    internal TimeSpan Elapsed { get; set; }

    internal TimeSpan Horizon => DateTimeOffset.MaxValue - start;

    internal long Events { get; set; }

    internal int UnderWay => _events.UnderWay;

    internal void At(TimeSpan time, EventKind kind, Actor actor)
    {
        if (time < Horizon) { _events.Add(Math.Max(time.Ticks, Elapsed.Ticks), new(kind, actor)); }
    }

    internal void Plan(TimeSpan time, Action action) =>
        _events.Add(time.Ticks, new(EventKind.Plan, null, action, _running ? -1 : _plans++));

    /// <summary>At once or, if a block calls, once no block is running.</summary>
    internal void BetweenBlocks(Action action)
    {
        if (!_running || _planned) { action(); }
        else { Plan(Elapsed, action); }
    }

    internal void MarkReady(Actor actor) => _ready.Enqueue(actor);

    internal void MarkDirty(VirtualDevice device)
    {
        if (device.Dirty) { return; }
        device.Dirty = true;
        _dirty.Enqueue(device);
    }

    /// <summary><paramref name="until"/>: the last time; null: no limit. <paramref name="atRest"/>: between events; true ends the
    /// loop.</summary>
    internal void Run(TimeSpan? until, Func<bool>? atRest, CancellationToken cancellationToken)
    {
        if (_running) { throw new InvalidOperationException("the world is already running: a block or a trace cannot run it further"); }
        _running = true;
        try
        {
            Settle(cancellationToken);
            var last = (until ?? Horizon).Ticks;
            while (atRest?.Invoke() != true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!_events.TryTake(last, out var time, out var next)) { return; }
                if (time != Elapsed.Ticks) { Elapsed = new(time); }
                Events++;
                if (next.Actor is { } actor) { actor.Handle(next.Kind); }
                else { Do(next.Plan!); }
                Settle(cancellationToken);
            }
        }
        finally { _running = false; }
    }

    private void Do(Action plan)
    {
        _planned = true;
        try { plan(); }
        finally { _planned = false; }
    }

    /// <summary>Only the token stops blocks that feed each other without taking time.</summary>
    private void Settle(CancellationToken cancellationToken)
    {
        for (var steps = 1; ; steps++)
        {
            if (_ready.TryDequeue(out var actor)) { actor.Step(); }
            else if (_dirty.TryDequeue(out var device))
            {
                device.Dirty = false;
                device.Cores.Dispatch();
            }
            else { return; }
            if (steps % StepsPerLook == 0) { cancellationToken.ThrowIfCancellationRequested(); }
        }
    }

    /// <summary>Handles events that are due now.</summary>
    /// <exception cref="InvalidOperationException">The loop is running, or an event that was scheduled during a run is pending.</exception>
    internal void Rest()
    {
        if (_running) { throw new InvalidOperationException("the world is running: save it between runs, not in a plan or a block"); }

        _running = true;
        try { Settle(default); }
        finally { _running = false; }

        foreach (var (planned, (time, _)) in _events.All)
        {
            if (planned is not { Actor: null, PlanNumber: < 0 }) { continue; }
            throw new InvalidOperationException(
                $"the plan at {new TimeSpan(time)} was added during a run and cannot be saved: add it before the run");
        }
    }

    /// <summary>Events of the program are not saved. It schedules them again, and they get their previous order.</summary>
    /// <exception cref="StateException">The program has scheduled other events.</exception>
    internal void State(ref StateStream s, IReadOnlyList<VirtualDevice> devices, Dictionary<VirtualDevice, int> numbers)
    {
        var events = _events.All.ToList();
        if (s.IsReading) { Clear(); }
        Elapsed = s.Value(Elapsed);
        Events = s.Value(Events);
        if (s.Value(_plans) is var count && count != _plans)
        {
            throw new StateException($"expected {count} plans, the number in the saved world, got {_plans}: add the same plans before it "
                + $"resumes");
        }

        _events.NextNumber = s.Value(_events.NextNumber);
        List<SavedEvent> saved = s.IsReading ? [] : [.. events.Select(e => SavedEvent.From(e.Event, e.Place, numbers))];
        s.Items(saved, int.MaxValue, (devices, count), SavedEvent.State);
        if (s.IsReading) { Take(saved, devices, events); }
    }

    private void Take(List<SavedEvent> saved, IReadOnlyList<VirtualDevice> devices, List<(WorldEvent Event, (long Time, long) Place)> known)
    {
        var plans = known.Where(static e => e.Event.Actor is null).ToDictionary(static e => e.Event.PlanNumber);
        foreach (var (kind, time, number, of, actor) in saved)
        {
            if (kind != EventKind.Plan)
            {
                _events.Add((time, number), new(kind, devices[of].Actors[actor]));
                continue;
            }

            var (planned, (plannedAt, _)) = plans[of];
            if (plannedAt != time)
            {
                throw new StateException(
                    $"expected plan {of} at {new TimeSpan(time)}, as in the saved world, got it at {new TimeSpan(plannedAt)}");
            }

            _events.Add((time, number), planned);
        }
    }

    private void Clear()
    {
        _events.Clear();
        _ready.Clear();
        foreach (var device in _dirty) { device.Dirty = false; }
        _dirty.Clear();
    }
}
