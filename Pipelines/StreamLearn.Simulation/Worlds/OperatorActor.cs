namespace StreamLearn.Simulation;

/// <summary>An operator on a device's processor. Its outputs appear when the call's virtual duration is over.</summary>
internal sealed class OperatorActor : Actor
{
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private readonly Cell _cell;
    private readonly List<(EdgeQueue Queue, Actor Sender)> _data = [];
    private readonly List<(EdgeQueue Queue, Actor Sender)> _control = [];
    private DateTimeOffset _wakeAt = Never;
    private DateTimeOffset _repeatAt;      // the call that failed, where there is one to repeat
    private bool _inControlLine;
    private bool _inDataLine;
    private bool _busy;
    private bool _completed;
    private bool _ready;
    private bool _settled;
    private int _turns;         // waiting messages, or the end, that go before the next wake-up
    private int _nextInput;

    internal OperatorActor(VirtualDevice device, Node node)
        : base(device, node)
    {
        var context = device.World.ContextFor(device, node, Metrics);
        _cell = new(node, context, Metrics, DataflowHost.MaxOutputBytes(device.Pipeline, node), null);
        Look(CallKind.WakeUp);      // an operator may ask for a wake-up as it is made
    }

    /// <summary>True if the last call was a wake-up that emits nothing.</summary>
    internal bool IsIdle { get; private set; }

    internal override bool Waits => base.Waits || !_settled || HaveEnded(_data) || _cell.RepeatAfter is not null;

    protected override bool Busy => _busy;

    /// <summary>True while the block has something to send after its end, or waits for answers; the same rule as in the dataflow
    /// host.</summary>
    private bool Lingers => !_settled && (_wakeAt != Never || !HaveEnded(_control));

    internal void SortInputs()
    {
        foreach (var input in Inputs) { (input.Queue.Edge.IsControl ? _control : _data).Add(input); }
    }

    /// <summary>Stands in line for the processor at once where there are no outputs to move on first.</summary>
    internal override void Poke()
    {
        if (Pending.Count > 0 || Retired || (_completed && !Lingers)) { base.Poke(); }
        else { StandInLine(); }
    }

    protected override void Advance()
    {
        if (!_completed || Lingers || _cell.RepeatAfter is not null) { StandInLine(); }
        else if (!_busy) { End(); }
    }

    protected override void Happened(EventKind kind)
    {
        if (Ended) { return; }
        if (kind is EventKind.CallEnd or EventKind.IdleCallEnd)
        {
            _busy = false;
            Device.FreeCore();
            Deliver();
        }
        else
        {
            Poke();
        }
    }

    /// <summary>Makes the next call and says how long it takes.</summary>
    /// <param name="control">True if it stood in the control line.</param>
    internal TimeSpan TryRun(bool control)
    {
        if (control) { _inControlLine = false; }
        else { _inDataLine = false; }
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

    protected override void Release()
    {
        var outputs = _cell.Outputs;
        while (outputs.Count > 0)
        {
            var (port, item) = outputs[^1];
            outputs.RemoveAt(outputs.Count - 1);
            Lose(port, item);
        }

        _cell.Dispose();
    }

    /// <summary>Joins the line of calls that wait for a core; one that waits for data changes to the control line when a control message
    /// comes.</summary>
    private void StandInLine()
    {
        if (_busy || Ended || _inControlLine) { return; }
        if (_cell.RepeatAfter is not null)
        {
            if (World.Now < _repeatAt || _inDataLine) { return; }
            _inDataLine = true;
            Device.Enqueue(this, control: false);
        }
        else if (HasItems(_control))
        {
            _inControlLine = true;
            Device.Enqueue(this, control: true);
        }
        else if (!_inDataLine && (_wakeAt <= World.Now || (!_completed && ((_ready && HasItems(_data)) || MayComplete()))))
        {
            _inDataLine = true;
            Device.Enqueue(this, control: false);
        }
    }

    private TimeSpan Run()
    {
        if (Ended || _busy || Pending.Count > 0) { return TimeSpan.Zero; }
        if (_cell.RepeatAfter is not null) { return World.Now < _repeatAt ? TimeSpan.Zero : Made(_cell.Repeat(), CallKind.Process); }
        if (_completed && !Lingers) { return TimeSpan.Zero; }
        foreach (var input in _control)
        {
            if (TryTake(input, out var message)) { return Call(CallKind.Control, input.Queue, message); }
        }

        var due = _wakeAt <= World.Now;
        if (due && !(_turns > 0 && _ready)) { return WakeUp(); }
        for (var i = 0; i < _data.Count && _ready && !_completed; i++)
        {
            var input = _data[_nextInput];
            _nextInput = _nextInput + 1 == _data.Count ? 0 : _nextInput + 1;
            if (!TryTake(input, out var item)) { continue; }
            _turns = Math.Max(0, _turns - 1);
            return Call(CallKind.Process, input.Queue, item);
        }

        if (_completed || !MayComplete()) { return due ? WakeUp() : TimeSpan.Zero; }
        _completed = true;
        return Call(CallKind.Complete, null, default);
    }

    private TimeSpan WakeUp()
    {
        (_wakeAt, _turns) = (Never, OperatorStage.TurnsAfterWakeUp);
        return Call(CallKind.WakeUp, null, default);
    }

    /// <summary>True when no input can come any more and no answer is awaited, or the operator is closed to data and nothing is left that
    /// could open it; the same rule as in the dataflow host.</summary>
    private bool MayComplete()
    {
        if (!_ready && _wakeAt == Never && HaveEnded(_control)) { return true; }
        return HaveEnded(_data) && (_settled || HaveEnded(_control));
    }

    private TimeSpan Call(CallKind kind, EdgeQueue? from, in Item item) => Made(_cell.Call(kind, from?.Edge, item, World.Now), kind);

    /// <summary>Counts a call that was made, and says how long it takes.</summary>
    private TimeSpan Made(BlockFailedException? failed, CallKind kind)
    {
        LookAtClock();
        if (failed is { } failure)
        {
            Device.Fail(failure);
            return TimeSpan.Zero;
        }

        var charged = _cell.Context.ChargedMultiplyAdds;
        var duration = Device.DurationOf(charged);
        Metrics.Worked(duration.Ticks, charged);
        World.Trace(Device, Node, kind, charged);
        Look(kind);
        if (_cell.RepeatAfter is { } delay)
        {
            _repeatAt = World.Now + duration + delay;
            World.At(_repeatAt - World.Start, EventKind.WakeUp, this);
        }

        (_busy, IsIdle) = (duration > TimeSpan.Zero, kind == CallKind.WakeUp && _cell.Outputs.Count == 0);
        if (!_busy) { Deliver(); }
        return duration;
    }

    /// <summary>Sees what the operator wants after a call; between calls it cannot change its mind.</summary>
    private void Look(CallKind kind)
    {
        (_ready, _settled) = (_cell.Ready, _cell.Settled);
        if (_cell.Context.TakeWake() is not { } wake || _wakeAt <= wake) { return; }
        if (_wakeAt == Never && kind != CallKind.WakeUp) { _turns = 0; }        // asked for by a message: it comes before the next one
        _wakeAt = wake;
        World.At(wake - World.Start, EventKind.WakeUp, this);
    }

    private void Deliver()
    {
        if (_cell.Outputs.Count > 0)
        {
            Pending.AddRange(_cell.Outputs);
            _cell.Outputs.Clear();
        }

        Continue();
    }

    private static bool HasItems(List<(EdgeQueue Queue, Actor Sender)> inputs)
    {
        foreach (var (queue, _) in inputs)
        {
            if (queue.Count > 0) { return true; }
        }

        return false;
    }

    private static bool HaveEnded(List<(EdgeQueue Queue, Actor Sender)> inputs)
    {
        foreach (var (queue, _) in inputs)
        {
            if (!queue.Ended || queue.Count > 0) { return false; }
        }

        return true;
    }
}
