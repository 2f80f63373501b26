namespace StreamLearn;

/// <summary>Order: retries, control messages, due wake-ups alternating with data from each input in turn, the end.</summary>
internal sealed class Mailbox
{
    /// <summary>Messages between two due wake-ups, so that neither starves.</summary>
    private const int TurnsAfterWakeUp = 16;

    private readonly Cell _cell;
    private readonly List<RunEdge> _control = [];
    private readonly List<RunEdge> _data = [];
    private DateTimeOffset _repeatAt;       // time at which a failed call is retried
    private bool _completed;
    private int _turns;         // number of messages, or the end, that precede the next wake-up
    private int _nextInput;

    internal Mailbox(Cell cell)
    {
        _cell = cell;
        WakeAt = cell.Context.TakeWake();      // an operator may request one during creation
        HasNewWake = WakeAt is not null;
    }

    internal DateTimeOffset? WakeAt { get; private set; }

    internal bool HasNewWake { get; private set; }

    internal DateTimeOffset? NextAt => _cell.RepeatAfter is null ? WakeAt : _repeatAt;

    /// <summary>True once the block no longer waits for control input, although its senders may be active.</summary>
    internal bool IsSteeringOver { get; set; }

    internal bool HasEnded => _completed && _cell.RepeatAfter is null && !Lingers;

    private bool Lingers => _cell.AwaitingReplies && (WakeAt is not null || !IsUnsteered);

    private bool IsUnsteered => IsSteeringOver || HaveEnded(_control);

    internal void Add(RunEdge input) => (input.Queue.Edge.IsControl ? _control : _data).Add(input);

    internal bool DataHasEnded => HaveEnded(_data);

    internal CallKind? Next(DateTimeOffset now)
    {
        if (_cell.RepeatAfter is not null) { return now < _repeatAt ? null : CallKind.Process; }
        if (HasItems(_control)) { return CallKind.Control; }
        if (WakeAt <= now) { return CallKind.WakeUp; }
        if (_completed) { return null; }
        return _cell.Ready && HasOpenItems() ? CallKind.Process : EndedInput() is not null || MayComplete() ? CallKind.Complete : null;
    }

    internal CallKind? TryCall(DateTimeOffset now, out RunEdge? from, out BlockFailedException? failure)
    {
        from = null;
        if (_cell.RepeatAfter is not null || HasEnded) { return TryRepeat(now, out failure); }
        if (TryTake(_control, ref from, out var message)) { return Call(CallKind.Control, from, message, now, out failure); }
        var isDue = WakeAt <= now;
        if (isDue && !(_turns > 0 && _cell.Ready)) { return WakeUp(now, out failure); }
        if (!_completed)
        {
            if (_cell.Ready && TryTakeData(ref from, out var item))
            {
                if (_turns > 0) { _turns--; }
                return Call(CallKind.Process, from, item, now, out failure);
            }

            if (EndedInput() is { } ended) { return Call(CallKind.Complete, ended, default, now, out failure); }
            if (MayComplete()) { return Complete(now, out from, out failure); }
        }

        if (isDue) { return WakeUp(now, out failure); }
        failure = null;
        return null;
    }

    internal bool TryCallAhead(RunEdge from, DateTimeOffset now, out BlockFailedException? failure)
    {
        failure = null;
        if (_cell.RepeatAfter is not null || _control.Count > 0 || WakeAt <= now || !_cell.MayGather || !_cell.Ready) { return false; }
        if (!IsOpen(from) || !from.Queue.IsInRun || !from.TryTake(out var item)) { return false; }
        Call(CallKind.Process, from, item, now, out failure);
        return true;
    }

    internal bool TryCallWith(Edge edge, in Item item, DateTimeOffset now, out BlockFailedException? failure)
    {
        failure = null;
        if (!MayCallWith(now)) { return false; }
        failure = CallWith(edge, item, now);
        return true;
    }

    internal bool MayCallWith(DateTimeOffset now) =>
        !_completed && _control.Count == 0 && _cell.RepeatAfter is null && !(WakeAt <= now) && _cell.Ready;

    internal BlockFailedException? CallWith(Edge edge, in Item item, DateTimeOffset now)
    {
        var failure = _cell.Call(CallKind.Process, edge, item, now);
        SeeWake(CallKind.Process);
        return failure;
    }

    internal void PutOff(DateTimeOffset now)
    {
        if (_cell.RepeatAfter is { } delay) { _repeatAt = now + delay; }
    }

    /// <summary>Saves times as remaining durations.</summary>
    internal void State(ref StateStream s, DateTimeOffset now)
    {
        var (hasWake, wake) = (s.Value(WakeAt is not null), s.Value(WakeAt is { } at ? (at - now).Ticks : 0));
        var repeat = s.Value((_cell.RepeatAfter is null ? default : _repeatAt - now).Ticks);
        s.Value(ref _completed);
        s.Value(ref _turns, 0, TurnsAfterWakeUp);
        var next = s.Value(_nextInput, 0, int.MaxValue);
        if (s.IsWriting) { return; }
        (WakeAt, HasNewWake, _repeatAt) = (hasWake ? After(now, wake) : null, hasWake, After(now, repeat));
        _nextInput = next % Math.Max(1, _data.Count);      // the number of inputs may have changed
    }

    private static DateTimeOffset After(DateTimeOffset now, long ticks)
    {
        if (ticks > DateTimeOffset.MaxValue.UtcTicks - now.UtcTicks) { return DateTimeOffset.MaxValue; }
        return ticks < -now.UtcTicks ? DateTimeOffset.MinValue : now.AddTicks(ticks);
    }

    private CallKind? TryRepeat(DateTimeOffset now, out BlockFailedException? failure)
    {
        failure = null;
        if (_cell.RepeatAfter is null || now < _repeatAt) { return null; }
        failure = _cell.Repeat();
        SeeWake(CallKind.Process);
        return CallKind.Process;
    }

    private CallKind WakeUp(DateTimeOffset now, out BlockFailedException? failure)
    {
        (WakeAt, _turns) = (null, TurnsAfterWakeUp);
        return Call(CallKind.WakeUp, null, default, now, out failure);
    }

    private CallKind Complete(DateTimeOffset now, out RunEdge? from, out BlockFailedException? failure)
    {
        from = null;
        if (TryTake(_control, ref from, out var message)) { return Call(CallKind.Control, from, message, now, out failure); }
        _completed = true;
        return Call(CallKind.Complete, null, default, now, out failure);
    }

    /// <summary>Returns true when no input or reply can come, or when the operator is closed and nothing can open it.</summary>
    /// <remarks>A closed operator cannot wait for its data edges, because their senders may wait for it.</remarks>
    private bool MayComplete() =>
        (!_cell.Ready && WakeAt is null && IsUnsteered) || (HaveEnded(_data) && (!_cell.AwaitingReplies || IsUnsteered));

    private CallKind Call(CallKind kind, RunEdge? from, in Item item, DateTimeOffset now, out BlockFailedException? failure)
    {
        failure = _cell.Call(kind, from?.Queue.Edge, item, now);
        SeeWake(kind);
        return kind;
    }

    internal void SeeWake()
    {
        var hadNew = HasNewWake;
        SeeWake(CallKind.WakeUp);
        HasNewWake |= hadNew;
    }

    /// <summary>A wake-up requested while a message is processed precedes the next message.</summary>
    private void SeeWake(CallKind kind)
    {
        HasNewWake = false;
        if (_cell.Context.TakeWake() is not { } wake || WakeAt <= wake) { return; }
        if (WakeAt is null && kind != CallKind.WakeUp) { _turns = 0; }
        (WakeAt, HasNewWake) = (wake, true);
    }

    private bool TryTakeData(ref RunEdge? from, out Item item)
    {
        foreach (var _ in _data)
        {
            var input = _data[_nextInput];
            _nextInput = _nextInput + 1 == _data.Count ? 0 : _nextInput + 1;
            if (!IsOpen(input) || !input.TryTake(out item)) { continue; }
            from = input;
            return true;
        }

        item = default;
        return false;
    }

    private bool IsOpen(RunEdge input) => _cell.Joining is not { } joining || joining.IsOpen(input.Queue.Edge.IsSecond);

    private bool HasOpenItems()
    {
        if (_cell.Joining is null) { return HasItems(_data); }
        foreach (var input in _data)
        {
            if (IsOpen(input) && input.HasItems) { return true; }
        }

        return false;
    }

    /// <summary>Returns the input of the two that has ended without the operator being informed; null: none.</summary>
    private RunEdge? EndedInput()
    {
        if (_cell.Joining is not { } joining || !_cell.Ready) { return null; }
        RunEdge? ended = null;
        var (first, second) = (true, true);
        foreach (var input in _data)
        {
            var isSecond = input.Queue.Edge.IsSecond;
            var hasEnded = input.HasEnded;
            if (isSecond) { second &= hasEnded; }
            else { first &= hasEnded; }
        }

        if (first == second || joining.HasEnded(second)) { return null; }
        foreach (var input in _data)
        {
            if (input.Queue.Edge.IsSecond == second) { ended = input; }
        }

        return ended;
    }

    private static bool TryTake(List<RunEdge> inputs, ref RunEdge? from, out Item item)
    {
        foreach (var input in inputs)
        {
            if (!input.TryTake(out item)) { continue; }
            from = input;
            return true;
        }

        item = default;
        return false;
    }

    private static bool HasItems(List<RunEdge> inputs)
    {
        foreach (var input in inputs)
        {
            if (input.HasItems) { return true; }
        }

        return false;
    }

    private static bool HaveEnded(List<RunEdge> inputs)
    {
        foreach (var input in inputs)
        {
            if (!input.HasEnded) { return false; }
        }

        return true;
    }
}
