using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>An operator in the dataflow host. Its mailbox gives control messages first, then a due wake-up and data in turn, data from its
/// edges in turn.</summary>
internal sealed class OperatorStage : Stage
{
    /// <summary>Calls that may share one reading of the clock, while they take less than <see cref="QuickCall"/> each: the reading costs
    /// more than a hop.</summary>
    private const int CallsPerReading = 8;

    /// <summary>Messages that may go between two due wake-ups, so that neither keeps the other waiting for long.</summary>
    internal const int TurnsAfterWakeUp = 16;

    private const long QuickWork = 10_000;      // multiply-adds; a call that reports more is not quick, whatever those before it were

    private static readonly TimeSpan QuickCall = TimeSpan.FromMicroseconds(5);

    private readonly Cell _cell;
    private readonly ITimer _timer;
    private readonly List<(EdgeQueue Queue, Stage Sender)> _data = [];
    private readonly List<(EdgeQueue Queue, Stage Sender)> _control = [];
    private DateTimeOffset? _wakeAt;
    private DateTimeOffset _sleepUntil;
    private DateTimeOffset? _alarm;
    private int _rang;
    private TimeSpan _debt;
    private bool _completed;
    private int _turns;         // waiting messages, or the end, that go before the next wake-up
    private int _nextInput;
    private int _unread;
    private bool _quick;

    internal OperatorStage(PipelineRun run, Node node, long maxOutputBytes)
        : base(run, node)
    {
        _cell = new(node, run.ContextFor(node, Metrics), Metrics, maxOutputBytes, run.Log);
        Pending = _cell.Outputs;
        _wakeAt = _cell.Context.TakeWake();      // an operator may ask for one as it is made
        _timer = run.CreateTimer(Ring);
    }

    /// <summary>True while the block has something to send after its end, or waits for answers.</summary>
    private bool Lingers => !_cell.Settled && (_wakeAt is not null || !(Run.SteeringOver || IsUnsteered()));

    /// <summary>Sorts the inputs once all edges are there.</summary>
    internal void SortInputs()
    {
        foreach (var input in Inputs) { (input.Queue.Edge.IsControl ? _control : _data).Add(input); }
    }

    protected override bool TryStep()
    {
        var now = Run.TimeAt(Stamp);
        if (now < _sleepUntil)
        {
            SetAlarm(_sleepUntil, now);
            return false;
        }

        if (_cell.RepeatAfter is not null) { return Made(_cell.Repeat(), CallKind.Process, now); }
        if (_completed && !Lingers)
        {
            Pause();
            End();
            return false;
        }

        foreach (var input in _control)
        {
            if (TryTake(input, out var message)) { return Step(CallKind.Control, input.Queue, message, now); }
        }

        if (_wakeAt <= now && !(_turns > 0 && _cell.Ready)) { return WakeUp(now); }
        if (_cell.Ready && !_completed)
        {
            for (var i = 0; i < _data.Count; i++)
            {
                var input = _data[_nextInput];
                _nextInput = _nextInput + 1 == _data.Count ? 0 : _nextInput + 1;
                if (TryTake(input, out var item))
                {
                    _turns = Math.Max(0, _turns - 1);
                    return Step(CallKind.Process, input.Queue, item, now) && TryStepAhead(input.Queue, now);
                }
            }
        }

        if (!_completed && TryComplete(now)) { return true; }
        if (_wakeAt <= now) { return WakeUp(now); }
        Pause();
        if (_wakeAt is { } wake) { SetAlarm(wake, now); }
        return false;
    }

    protected override void Pause()
    {
        if (_unread > 0) { ReadClock(0); }
    }

    protected override void Release()
    {
        _timer.Dispose();
        _cell.Dispose();
    }

    private bool WakeUp(DateTimeOffset now)
    {
        (_wakeAt, _turns) = (null, TurnsAfterWakeUp);
        return Step(CallKind.WakeUp, null, default, now);
    }

    /// <summary>Completes when no input can come: all data edges ended and empty and no answer awaited, or the operator is closed to data
    /// and nothing is left that could open it.</summary>
    /// <remarks>A closed operator does not wait for its data edges to end: their senders may be waiting for room in it.</remarks>
    private bool TryComplete(DateTimeOffset now)
    {
        lock (Gate)
        {
            var unsteered = Run.SteeringOver || _control.TrueForAll(c => c.Queue is { Ended: true, Count: 0 });
            var stuck = unsteered && !_cell.Ready && _wakeAt is null;
            var spent = _data.TrueForAll(d => d.Queue is { Ended: true, Count: 0 }) && (unsteered || _cell.Settled);
            if (!stuck && !spent) { return false; }
            if (_control.Exists(c => c.Queue.Count > 0)) { return true; }
            _completed = true;
        }

        return Step(CallKind.Complete, null, default, now);
    }

    private bool IsUnsteered()
    {
        lock (Gate) { return _control.TrueForAll(c => c.Queue is { Ended: true, Count: 0 }); }
    }

    /// <summary>Makes further quick calls of the run at hand before their outputs are moved on together.</summary>
    /// <remarks>Not where control messages or a due wake-up come first.</remarks>
    private bool TryStepAhead(EdgeQueue queue, DateTimeOffset now)
    {
        while (_quick && _cell.RepeatAfter is null && _control.Count == 0 && !(_wakeAt <= now) && _cell.MayGather && _cell.Ready && queue.TryTakeAhead(out var item))
        {
            if (!Step(CallKind.Process, queue, item, now)) { return false; }
        }

        return true;
    }

    private bool Step(CallKind kind, EdgeQueue? from, in Item item, DateTimeOffset now) =>
        Made(_cell.Call(kind, from?.Edge, item, now), kind, now);

    /// <summary>Counts a call that was made, and sees what the operator wants after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]      // on the way of every message
    private bool Made(BlockFailedException? failed, CallKind kind, DateTimeOffset now)
    {
        if (failed is { } failure)
        {
            Run.Fail(failure);
            Schedule();
            return false;
        }

        _unread++;
        var charged = _cell.Context.ChargedMultiplyAdds;
        var took = TimeSpan.Zero;
        if (_quick && _unread < CallsPerReading && charged < QuickWork) { Metrics.Worked(0, charged); }
        else { took = ReadClock(charged); }
        if (_cell.Context.TakeWake() is { } wake && !(_wakeAt <= wake))
        {
            if (_wakeAt is null && kind != CallKind.WakeUp) { _turns = 0; }     // asked for by a message: it comes before the next one
            _wakeAt = wake;
        }

        if (Run.Slowdown > 1) { Sleep(took, now); }
        if (_cell.RepeatAfter is { } delay)
        {
            var repeatAt = Run.TimeAt(Stamp) + delay;
            _sleepUntil = repeatAt > _sleepUntil ? repeatAt : _sleepUntil;
        }

        return true;
    }

    /// <summary>Counts the time of the calls since the last reading.</summary>
    private TimeSpan ReadClock(long multiplyAdds)
    {
        var took = Worked(multiplyAdds);
        _quick = Run.Slowdown <= 1 && took < QuickCall * _unread;
        _unread = 0;
        return took;
    }

    private void Ring()
    {
        Volatile.Write(ref _rang, 1);
        Schedule();
    }

    /// <summary>Sets the one timer for what comes next, the end of a sleep or a wake-up, unless it is already set for that.</summary>
    private void SetAlarm(DateTimeOffset time, DateTimeOffset now)
    {
        if (Interlocked.Exchange(ref _rang, 0) == 0 && _alarm == time) { return; }
        _alarm = time;
        PipelineRun.Set(_timer, time - now);
    }

    /// <summary>Slows the device down; waits of less than a timer's tick add up.</summary>
    private void Sleep(TimeSpan took, DateTimeOffset now)
    {
        _debt += took * (Run.Slowdown - 1);
        if (_debt < TimeSpan.FromMilliseconds(2)) { return; }
        _sleepUntil = now + took + _debt;
        _debt = TimeSpan.Zero;
    }
}
