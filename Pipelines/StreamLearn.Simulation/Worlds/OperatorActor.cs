namespace StreamLearn.Simulation;

/// <summary>An operator on a device's processor. Its outputs appear when the call's virtual duration is over.</summary>
internal sealed class OperatorActor : Actor
{
    private readonly Cell _cell;
    private readonly List<(EdgeQueue Queue, Actor Sender)> _data = [];
    private readonly List<(EdgeQueue Queue, Actor Sender)> _control = [];
    private DateTimeOffset? _wakeAt;
    private bool _queued;
    private bool _busy;
    private bool _completed;
    private int _nextInput;

    internal OperatorActor(VirtualDevice device, Node node)
        : base(device, node)
    {
        var context = device.World.ContextFor(device, node, Metrics);
        _cell = new(node, context, Metrics, DataflowHost.MaxOutputBytes(device.Pipeline, node), null);
    }

    private bool HasControl
    {
        get
        {
            foreach (var (queue, _) in _control)
            {
                if (queue.Count > 0) { return true; }
            }

            return false;
        }
    }

    private bool HasData
    {
        get
        {
            foreach (var (queue, _) in _data)
            {
                if (queue.Count > 0) { return true; }
            }

            return false;
        }
    }

    internal void SortInputs()
    {
        foreach (var input in Inputs) { (input.Queue.Edge.IsControl ? _control : _data).Add(input); }
    }

    protected override void Advance()
    {
        if (_queued || _busy || Ended || Pending.Count > 0) { return; }
        var control = HasControl;
        if (!control && !(_wakeAt <= World.Now) && !(HasData && _cell.Ready) && !MayComplete()) { return; }
        _queued = true;
        Device.Enqueue(this, control);
    }

    protected override void Happened(EventKind kind)
    {
        if (Ended) { return; }
        if (kind == EventKind.CallEnd)
        {
            _busy = false;
            Device.FreeCore();
            if (!Deliver()) { return; }
        }

        Poke();
    }

    /// <summary>Makes the next call and says how long it takes.</summary>
    internal TimeSpan TryRun()
    {
        try
        {
            return Run();
        }
        catch (Exception e)
        {
            Fail(e);
            return TimeSpan.Zero;
        }
    }

    private TimeSpan Run()
    {
        _queued = false;
        if (Ended || _busy || Pending.Count > 0) { return TimeSpan.Zero; }
        foreach (var input in _control)
        {
            if (TryTake(input, out var message)) { return Call(CallKind.Control, input.Queue, message); }
        }

        if (_completed)
        {
            End();
            return TimeSpan.Zero;
        }

        if (_wakeAt <= World.Now)
        {
            _wakeAt = null;
            return Call(CallKind.WakeUp, null, default);
        }

        for (var i = 0; i < _data.Count && _cell.Ready; i++)
        {
            var input = _data[_nextInput];
            _nextInput = _nextInput + 1 == _data.Count ? 0 : _nextInput + 1;
            if (TryTake(input, out var item)) { return Call(CallKind.Process, input.Queue, item); }
        }

        if (!MayComplete()) { return TimeSpan.Zero; }
        _completed = true;
        return Call(CallKind.Complete, null, default);
    }

    protected override void Release() => _cell.Dispose();

    /// <summary>True when no input can come any more; the same rule as in the dataflow host.</summary>
    private bool MayComplete()
    {
        if (_completed) { return true; }
        var stuck = !_cell.Ready && _wakeAt is null && _control.TrueForAll(static c => c.Queue is { Ended: true, Count: 0 });
        foreach (var (queue, _) in _data)
        {
            if (!queue.Ended || (queue.Count > 0 && !stuck)) { return false; }
        }

        return true;
    }

    private TimeSpan Call(CallKind kind, EdgeQueue? from, in Item item)
    {
        if (_cell.Call(kind, from, item, World.Now) is { } failure)
        {
            Device.Fail(failure);
            return TimeSpan.Zero;
        }

        var charged = _cell.Context.ChargedMultiplyAdds;
        var duration = Device.DurationOf(charged);
        Metrics.Worked(duration.Ticks, charged);
        World.Trace(Device, Node, kind, charged);
        if (_cell.Context.TakeWake() is { } wake && !(_wakeAt <= wake))
        {
            _wakeAt = wake;
            World.At(wake - World.Start, EventKind.WakeUp, this);
        }

        _busy = duration > TimeSpan.Zero;
        if (!_busy && Deliver()) { Poke(); }
        return duration;
    }

    private bool Deliver()
    {
        Pending.AddRange(_cell.Outputs);
        _cell.Outputs.Clear();
        return TryFlush();
    }
}
