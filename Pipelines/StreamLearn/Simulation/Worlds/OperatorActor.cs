namespace StreamLearn.Simulation;

/// <summary>An operator on the cores of a device. Outputs appear after the virtual duration of the call. Operators that carry messages
/// within a device, such as a loopback, need no core.</summary>
internal sealed class OperatorActor : Actor
{
    private readonly Cell _cell;
    private readonly Mailbox _mailbox;
    private bool _inControlLine;
    private bool _inDataLine;
    private bool _busy;

    internal OperatorActor(VirtualDevice device, Node node)
        : base(device, node)
    {
        var context = device.World.ContextFor(device, node, Metrics);
        _cell = new(node, context, Metrics, [], device.Pipeline.MaxOutputBytes(node));
        _mailbox = new(_cell);
        SetAlarm();
    }

    internal override string HostFormat => "operator/1";

    internal override IStateful? Stateful => _cell.Stateful;

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        _mailbox.State(ref s, now);
        _cell.State(ref s, messages, Device.Pipeline.Edges, now);
        List<(int Port, Item Item)> outputs = s.IsReading ? [] : _cell.Outputs;     // outputs of a call in progress in virtual time
        s.Items(outputs, int.MaxValue, (Node, messages), Output);
        if (s.IsWriting) { return; }
        foreach (var (port, item) in outputs) { Out.AddFromBefore(port, item); }
        if (_cell.RepeatAfter is not null) { World.At(_mailbox.NextAt!.Value - World.Start, EventKind.WakeUp, this); }
    }

    internal override void Loaded()
    {
        _mailbox.SeeWake();
        SetAlarm();
    }

    internal bool IsIdle { get; private set; }

    internal override bool Waits => base.Waits || _cell.AwaitingReplies || _mailbox.DataHasEnded || _cell.RepeatAfter is not null;

    protected override bool Busy => _busy;

    internal void SortInputs()
    {
        foreach (var input in Inputs) { _mailbox.Add(input); }
    }

    /// <summary>Queues at once for a core if no output is pending.</summary>
    public override void Wake()
    {
        if (!Out.IsEmpty || Retired || _mailbox.HasEnded) { base.Wake(); }
        else { EnqueueCall(); }
    }

    protected override void Advance()
    {
        if (!_mailbox.HasEnded) { EnqueueCall(); }
        else if (!_busy) { End(); }
    }

    protected override void Happened(EventKind kind)
    {
        if (Ended) { return; }
        if (kind is EventKind.CallEnd or EventKind.IdleCallEnd)
        {
            _busy = false;
            Device.Cores.FreeCore();
            Deliver();
        }
        else { Wake(); }
    }

    internal TimeSpan TryRun(bool control)
    {
        if (control) { _inControlLine = false; }
        else { _inDataLine = false; }
        try { return Run(); }
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
            Out.Lose(port, item);
        }

        _cell.Dispose();
    }

    /// <summary>Moves a queued data call to the control queue when a control message arrives.</summary>
    private void EnqueueCall()
    {
        if (_busy || Ended || _inControlLine || _mailbox.Next(World.Now) is not { } next) { return; }
        if (next == CallKind.Control)
        {
            _inControlLine = true;
            Device.Cores.Enqueue(this, control: true);
        }
        else if (!_inDataLine)
        {
            _inDataLine = true;
            Device.Cores.Enqueue(this, control: false);
        }
    }

    private TimeSpan Run()
    {
        if (Ended || _busy || !Out.IsEmpty || _mailbox.TryCall(World.Now, out _, out var failure) is not { } kind) { return TimeSpan.Zero; }
        LookAtClock();
        if (failure is not null)
        {
            Device.Fail(failure);
            return TimeSpan.Zero;
        }

        var charged = _cell.Context.ChargedMultiplyAdds;
        var duration = Device.Cores.DurationOf(charged - _cell.Context.TimedMultiplyAdds, _cell.Context.ChargedSeconds);
        Metrics.Worked(duration.Ticks, charged);
        World.Trace.Called(Device, Node, kind, charged);
        SetAlarm();
        if (World.Reloads?.Invoke(Node) == true) { _cell.Reload(); }
        Device.State?.Called();
        if (_cell.RepeatAfter is not null)
        {
            _mailbox.PutOff(World.Now + duration);
            World.At(_mailbox.NextAt!.Value - World.Start, EventKind.WakeUp, this);
        }

        (_busy, IsIdle) = (duration > TimeSpan.Zero, kind == CallKind.WakeUp && _cell.Outputs.Count == 0);
        if (!_busy) { Deliver(); }
        return duration;
    }

    private void SetAlarm()
    {
        if (_mailbox.HasNewWake) { World.At(_mailbox.WakeAt!.Value - World.Start, EventKind.WakeUp, this); }
    }

    private void Deliver()
    {
        if (_cell.Outputs.Count > 0)
        {
            Out.Pending.AddRange(_cell.Outputs);
            _cell.Outputs.Clear();
        }

        Continue();
    }

    protected override OperatorContext Context => _cell.Context;

    private protected override void RestState(ref StateStream s, SavedWith with)
    {
        if (Ended) { return; }
        s.Value(ref _busy);
        IsIdle = s.Value(IsIdle);
        s.Value(ref _inControlLine);
        s.Value(ref _inDataLine);
        _mailbox.State(ref s, with.Now);
        _cell.State(ref s, with.Messages, Device.Pipeline.Edges, with.Now);
        s.Items(_cell.Outputs, int.MaxValue, (Node, with.Messages), Output);
    }

    private static void Output(ref StateStream s, ref (int Port, Item Item) output, (Node Node, SavedMessages Messages) with)
    {
        var port = s.Value(output.Port, 0, Ports.PortCount - 1);
        output = (port, with.Messages.State(ref s, SavedMessages.TypeOf(with.Node, port), output.Item));
    }
}
