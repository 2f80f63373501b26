namespace StreamLearn.Simulation;

/// <content>Its clock and the events to come. What the program planned is not saved, only its place: the program plans it again.</content>
internal sealed partial class EventLoop
{
    /// <summary>Lets all that can happen at this time happen, so that nobody is ready.</summary>
    /// <exception cref="InvalidOperationException">The loop runs, or something is to come that was planned during a run.</exception>
    internal void Rest()
    {
        if (_running)
        {
            throw new InvalidOperationException("the world is running: save it between runs, neither in a plan nor in a block");
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
                $"what was planned during a run for {new TimeSpan(time)} cannot be saved: plan it before the run");
        }
    }

    /// <summary>Writes the clock and the events to come.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="numbers">The number of each device.</param>
    internal void Save(StateWriter writer, Dictionary<VirtualDevice, int> numbers)
    {
        writer.Write(Elapsed.Ticks);
        writer.Write(Events);
        writer.Write(_plans);
        writer.Write(_events.NextNumber);
        writer.Write(_events.All.Count());
        foreach (var ((kind, actor, _, plan), (time, number)) in _events.All)
        {
            writer.Write((int)kind);
            writer.Write(time);
            writer.Write(number);
            writer.Write(actor is null ? plan : numbers[actor.Device]);
            if (actor is not null) { writer.Write(actor.Node.Index); }
        }
    }

    /// <summary>Takes it up; what the program has planned takes the places that it had.</summary>
    /// <exception cref="StateException">The program has planned something else.</exception>
    internal void Load(ref StateReader reader, IReadOnlyList<VirtualDevice> devices)
    {
        var plans = _events.All.Where(static e => e.Event.Actor is null).ToDictionary(static e => e.Event.PlanNumber);
        Clear();
        (Elapsed, Events) = (new(reader.ReadInt64()), reader.ReadInt64());
        if (reader.ReadInt32() is var count && count != _plans)
        {
            throw new StateException($"expected {count} plans, as the saved world had, got {_plans}: plan the same before it goes on");
        }

        _events.NextNumber = reader.ReadInt64();
        for (var left = reader.ReadInt32(0, int.MaxValue); left > 0; left--)
        {
            var kind = (EventKind)reader.ReadInt32(0, (int)EventKind.Plan);
            var place = (Time: reader.ReadInt64(), Number: reader.ReadInt64());
            if (kind != EventKind.Plan)
            {
                var actors = devices[reader.ReadInt32(0, devices.Count - 1)].Actors;
                _events.Add(place, new(kind, actors[reader.ReadInt32(0, actors.Count - 1)]));
                continue;
            }

            var (planned, (time, _)) = plans[reader.ReadInt32(0, count - 1)];
            if (time != place.Time)
            {
                throw new StateException(
                    $"expected plan {planned.PlanNumber} at {new TimeSpan(place.Time)}, as in the saved world, "
                        + $"got it at {new TimeSpan(time)}");
            }

            _events.Add(place, planned);
        }
    }

    /// <summary>Forgets all events, and who was ready.</summary>
    private void Clear()
    {
        _events.Clear();
        _ready.Clear();
        foreach (var device in _dirty) { device.Dirty = false; }
        _dirty.Clear();
    }
}
