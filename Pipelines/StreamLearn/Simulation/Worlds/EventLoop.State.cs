namespace StreamLearn.Simulation;

internal sealed partial class EventLoop
{
    /// <summary>Handles everything due now.</summary>
    /// <exception cref="InvalidOperationException">The loop is running, or an event planned during a run is pending.</exception>
    internal void Rest()
    {
        if (_running)
        {
            throw new InvalidOperationException("the world is running: save it between runs, not in a plan or a block");
        }

        _running = true;
        try
        {
            Settle(default);
        }
        finally
        {
            _running = false;
        }

        foreach (var (planned, (time, _)) in _events.All)
        {
            if (planned is not { Actor: null, PlanNumber: < 0 }) { continue; }
            throw new InvalidOperationException(
                $"the plan at {new TimeSpan(time)} was added during a run and cannot be saved: add it before the run");
        }
    }

    /// <summary>Program plans are not saved: the program plans them again, and they get their old order.</summary>
    /// <exception cref="StateException">The program has planned something else.</exception>
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
