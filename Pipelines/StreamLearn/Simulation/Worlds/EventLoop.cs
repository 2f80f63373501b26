namespace StreamLearn.Simulation;

internal sealed partial class EventLoop(DateTimeOffset start)
{
    private const int StepsPerLook = 4096;

    private readonly EventQueue _events = new();
    private readonly Queue<Actor> _ready = [];
    private readonly Queue<VirtualDevice> _dirty = [];
    private bool _running;
    private bool _planned;      // a plan runs now, between blocks
    private int _plans;         // plans added between runs

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

    /// <summary>Acts now or, if called by a block, once no block is running.</summary>
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

    /// <summary><paramref name="until"/>: the last time; null: no limit. <paramref name="atRest"/>: checked between events; true:
    /// return.</summary>
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
        finally
        {
            _running = false;
        }
    }

    private void Do(Action plan)
    {
        _planned = true;
        try
        {
            plan();
        }
        finally
        {
            _planned = false;
        }
    }

    /// <summary>Handles everything due now. Only the token stops blocks that feed each other without taking time.</summary>
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
}
