namespace StreamLearn.Simulation;

internal sealed class DeviceCores(VirtualWorld world, VirtualDevice device, DeviceProfile profile)
{
    private readonly Queue<OperatorActor> _control = [];
    private readonly Queue<OperatorActor> _data = [];
    private readonly RandomStream _jitter = new(world.Seed, "jitter", device.Name);
    private double _speed = profile.Speed;
    private int _nextSpeed;
    private int _freeCores = profile.Cores;

    /// <summary>Virtual time spent in calls on all cores, added when a call starts.</summary>
    internal TimeSpan Busy { get; private set; }

    internal void Enqueue(OperatorActor actor, bool control)
    {
        (control ? _control : _data).Enqueue(actor);
        if (_freeCores > 0) { world.MarkDirty(device); }
    }

    internal void Dispatch()
    {
        while (_freeCores > 0)
        {
            var control = _control.TryDequeue(out var actor);
            if (!control && !_data.TryDequeue(out actor)) { return; }
            var duration = actor!.TryRun(control);
            if (duration == TimeSpan.Zero) { continue; }
            _freeCores--;
            Busy += duration;
            world.At(world.Elapsed + duration, actor.IsIdle ? EventKind.IdleCallEnd : EventKind.CallEnd, actor);
        }
    }

    internal void FreeCore()
    {
        _freeCores++;
        world.MarkDirty(device);
    }

    internal void State(ref StateStream s)
    {
        foreach (var line in new[] { _control, _data })
        {
            s.Items(line, int.MaxValue, device.Actors, static (ref StateStream s, ref OperatorActor actor, IReadOnlyList<Actor> actors) =>
                actor = (OperatorActor)actors[s.Value(actor?.Node.Index ?? 0, 0, actors.Count - 1)]);
        }

        _jitter.State(ref s);
        s.Value(ref _speed);
        s.Value(ref _nextSpeed, 0, profile.SpeedTrace.Length);
        s.Value(ref _freeCores, 0, profile.Cores);
        Busy = s.Value(Busy);
    }

    /// <summary>Multiply-adds plus known seconds at the starting speed, times jitter.</summary>
    internal TimeSpan DurationOf(long multiplyAdds, double seconds)
    {
        if (seconds == 0 && (multiplyAdds == 0 || double.IsPositiveInfinity(profile.MultiplyAddsPerSecond))) { return TimeSpan.Zero; }
        var factor = profile.Jitter == 0 ? 1 : Math.Max(profile.LeastJitter, 1 + (profile.Jitter * _jitter.NextGaussian()));
        while (_nextSpeed < profile.SpeedTrace.Length && profile.SpeedTrace[_nextSpeed].At <= world.Elapsed)
        {
            _speed = profile.SpeedTrace[_nextSpeed++].Speed;
        }

        return VirtualTime.OfSeconds(((multiplyAdds / (profile.MultiplyAddsPerSecond * _speed)) + (seconds / _speed)) * factor);
    }
}
