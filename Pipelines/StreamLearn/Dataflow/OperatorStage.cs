namespace StreamLearn;

internal sealed class OperatorStage : Stage
{
    /// <summary>Calls shorter than <see cref="QuickCallTicks"/> that share one clock reading, which costs more than a hop.</summary>
    private const int CallsPerReading = 8;

    private const long QuickWork = 10_000;      // multiply-adds; a call that reports more is not quick, even if earlier ones were

    private const long QuickCallTicks = 5 * TimeSpan.TicksPerMicrosecond;

    /// <summary>Calls shorter than this run on the sender's thread, because a handover would cost as much.</summary>
    private const long BriefCallTicks = TimeSpan.TicksPerMicrosecond / 2;

    private readonly Cell _cell;
    private readonly Mailbox _mailbox;
    private readonly AheadInputs? _ahead;
    private readonly ITimer _timer;
    private DateTimeOffset _sleepUntil;
    private bool _isAsleep;
    private DateTimeOffset? _alarm;
    private int _rang;
    private TimeSpan _debt;
    private int _unread;
    private bool _quick;
    private bool _brief;
    private bool _hasDue;

    internal OperatorStage(PipelineRun run, Node node, long maxOutputBytes)
        : base(run, node)
    {
        _cell = new(node, run.ContextFor(node, Metrics), Metrics, Out.Pending, maxOutputBytes, run.Log);
        _mailbox = new(_cell);
        _ahead = _cell.Ahead is { } worker ? new(this, worker) : null;
        BeginsAhead = _ahead is not null;
        _timer = run.CreateTimer(Ring);
    }

    internal void SortInputs()
    {
        foreach (var input in Inputs) { _mailbox.Add(_ahead is null || input.Queue.Edge.IsControl ? input : _ahead.Add(input)); }
    }

    private protected override bool HasDue => Volatile.Read(ref _hasDue);

    private protected override bool IsAsleep => Volatile.Read(ref _isAsleep);

    protected override bool Busy => _ahead is { AreAtWork: true };

    internal override string HostFormat => "operator/1";

    internal override IStateful? Stateful => _cell.Stateful;

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        _mailbox.State(ref s, now);
        _cell.State(ref s, messages, Run.Pipeline.Edges, now);
    }

    internal override void Loaded() => _mailbox.SeeWake();

    internal override void TakeNow(Stage sender, EdgeQueue queue, ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        if (!_brief || BeginsAhead || Inputs.Count > 1 || !TryBeginTurn()) { return; }
        try
        {
            sender.Pause();
            (HopsLeft, Stamp) = (sender.HopsLeft - 1, Math.Max(Stamp, sender.Stamp));      // its time never goes backwards
            var (now, port) = (Run.TimeAt(Stamp), items[place].Port);
            while (_brief && place < items.Length && items[place].Port == port && MayTakeNow(queue, items[place].Item, now))
            {
                ref readonly var item = ref items[place++].Item;      // this block owns it from here on, even if the call throws
                if (!Called(_mailbox.CallWith(queue.Edge, item, now), now)) { break; }
                if (_mailbox.HasNewWake) { Schedule(); }
            }

            if (_cell.RepeatAfter is not null || !_cell.Ready) { Schedule(); }
            Pause();
            Out.TryFlush();
        }
        catch (Exception e)
        {
            Run.Fail(Failure(e, Metrics.ItemsIn));
            Schedule();
        }
        finally
        {
            sender.ContinueAt(Stamp);
            EndTurn();
        }
    }

    protected override bool TryStep()
    {
        var now = Run.TimeAt(Stamp);
        if (_cell.RepeatAfter is null && !Retired) { _ahead?.Begin(); }
        _mailbox.IsSteeringOver = Run.SteeringOver;
        if (_mailbox.TryCall(now, out var from, out var failure) is { } kind)
        {
            var goesOn = Called(failure, now, isBrief: kind == CallKind.Process);
            while (goesOn && kind == CallKind.Process && _quick && from is not null && _mailbox.TryCallAhead(from, now, out failure))
            {
                goesOn = Called(failure, now);
            }

            return goesOn;
        }

        Pause();
        Volatile.Write(ref _hasDue, Busy || _cell.RepeatAfter is not null);
        if (_mailbox.HasEnded)
        {
            if (!Busy) { End(); }       // otherwise the end is scheduled when the work on dropped messages is done
        }
        else if (_mailbox.NextAt is { } next) { SetAlarm(next); }
        return false;
    }

    internal override void Pause()
    {
        if (_unread > 0) { ReadClock(0); }
    }

    protected override void Release()
    {
        _timer.Dispose();
        _ahead?.End();
        _cell.Dispose();
    }

    /// <summary><paramref name="isBrief"/>: true if as quick as earlier calls; wake-ups are not and need their own timing.</summary>
    private bool Called(BlockFailedException? failure, DateTimeOffset now, bool isBrief = true)
    {
        if (failure is not null)
        {
            Run.Fail(failure);
            Schedule();
            return false;
        }

        _unread++;
        var charged = _cell.Context.ChargedMultiplyAdds;
        if (_quick && isBrief && _unread < CallsPerReading && charged < QuickWork)
        {
            if (charged != 0) { Metrics.Worked(0, charged); }
        }
        else
        {
            var took = ReadClock(charged);
            if (Run.Slowdown > 1) { Sleep(took, now); }
        }

        if (_cell.RepeatAfter is not null) { _mailbox.PutOff(Run.TimeAt(Stamp)); }
        return true;
    }

    private TimeSpan ReadClock(long multiplyAdds)
    {
        var took = Worked(multiplyAdds);
        _quick = Run.Slowdown <= 1 && took.Ticks < QuickCallTicks * _unread;
        _brief = _quick && took.Ticks < BriefCallTicks * _unread;
        _unread = 0;
        return took;
    }

    private bool MayTakeNow(EdgeQueue queue, in Item item, DateTimeOffset now) =>
        !Closed && !Run.Stopping && !Retired && queue.MayPassBy(item) && _mailbox.MayCallWith(now)
            && (Out.IsEmpty || _cell.MayGather || Out.TryFlush());

    private void Ring()
    {
        Volatile.Write(ref _rang, 1);
        Schedule();
    }

    /// <summary>Sets the single timer for the end of a sleep or a call. Reads the clock: an old reading would make it late.</summary>
    private void SetAlarm(DateTimeOffset time)
    {
        if (Interlocked.Exchange(ref _rang, 0) == 0 && _alarm == time) { return; }
        _alarm = time;
        PipelineRun.Set(_timer, time - Run.TimeAt(Run.Timestamp));
    }

    /// <summary>Simulates a slower device by delaying the call's end and outputs. Waits shorter than a timer tick add up.</summary>
    private void Sleep(TimeSpan took, DateTimeOffset now)
    {
        _debt += took * (Run.Slowdown - 1);
        if (_debt < TimeSpan.FromMilliseconds(2)) { return; }
        _sleepUntil = now + took + _debt;
        _debt = TimeSpan.Zero;
        Volatile.Write(ref _isAsleep, true);
    }

    private protected override bool IsStillAsleep()
    {
        if (!_isAsleep) { return false; }
        if (Run.TimeAt(Stamp) is var now && now < _sleepUntil)
        {
            SetAlarm(_sleepUntil);
            return true;
        }

        Volatile.Write(ref _isAsleep, false);
        return false;
    }
}
