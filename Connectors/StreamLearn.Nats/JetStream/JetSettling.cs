namespace StreamLearn.Nats;

/// <summary>What the application says about messages of a reader, and what the server is told of it.</summary>
internal sealed class JetSettling : ISettlementHearer
{
    private readonly NatsLink _link;
    private readonly JetReading _reading;
    private readonly JetInbox _inbox;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly JetTail _tail;
    private readonly Settlements _settlements;
    private readonly List<long> _refused = [];  // while it leaves
    private bool _isLeaving;

    internal JetSettling(NatsLink link, JetReading reading, JetInbox inbox, JetPulls pulls, JetAnswers answers)
    {
        (_link, _reading, _inbox, _pulls, _answers) = (link, reading, inbox, pulls, answers);
        _tail = new(inbox, answers);
        _settlements = new(link.Gate, reading.Capacity, link.Time, this);
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome) => _settlements.Settle(id, outcome);

    /// <summary>A message that is none for the application does not come again.</summary>
    internal void Discard(long id)
    {
        lock (_link.Gate)
        {
            if (_inbox.TryFind(id, out var at) && _reading.Acknowledges && _inbox[at].Fate == JetFate.Open)
            {
                _answers.Refuse(at, isForGood: true);
            }
        }

        Settle(id, Outcome.Release);
    }

    /// <summary>Hears what was said. Locked.</summary>
    internal void Hear() => _settlements.Hear();

    /// <summary>The application has taken messages; without any, it waits for some, and what it has said goes out. Locked.</summary>
    internal void Took(int count)
    {
        _settlements.IsIdle = count == 0;
        _pulls.Pull();
    }

    /// <summary>Nothing is held back from the server any more, but for what goes back to it: that waits until it knows that the reading has
    /// ended. Locked.</summary>
    internal void Leave()
    {
        HoldNothing();
        _isLeaving = _reading.Acknowledges && _link.IsOpen;
    }

    /// <summary>What waits, and what was refused meanwhile, goes back to the server; what the application has can still be acknowledged.
    /// Locked.</summary>
    internal void GiveBack()
    {
        Hear();
        _isLeaving = false;
        foreach (var id in _refused)
        {
            if (_inbox.TryFind(id, out var at) && _inbox[at].Fate == JetFate.Open) { _answers.Refuse(at, isForGood: false); }
        }

        _refused.Clear();
        while (_inbox.TryTake(out var at))
        {
            if (_reading.Acknowledges) { _answers.Refuse(at, isForGood: false); }
            else { _inbox.Settle(at, isDone: false); }
            _inbox.Release(at);
        }
    }

    /// <summary>Nothing is held back from the server any more. Locked.</summary>
    internal void HoldNothing()
    {
        Hear();
        _tail.End();
    }

    /// <summary>Time has passed. Locked.</summary>
    internal void Tick(long now)
    {
        Hear();
        _tail.Tell(now);
    }

    /// <summary>The connection was lost. Locked.</summary>
    internal void Lost()
    {
        _tail.Forget();
        if (_isLeaving) { GiveBack(); }
    }

    /// <summary>What is said from now on is heard at once.</summary>
    internal void End() => _settlements.End();

    /// <inheritdoc />
    public void Hear(long id, Outcome outcome)
    {
        if (!_inbox.TryFind(id, out var at)) { return; }
        if (outcome == Outcome.Release)
        {
            if (!_reading.Acknowledges) { _inbox.Settle(at, isDone: true); }
            _inbox.Release(at);
        }
        else if (!_reading.Acknowledges || _inbox[at].Fate != JetFate.Open) { return; }
        else if (outcome == Outcome.Refuse && _isLeaving) { _refused.Add(id); }
        else if (outcome == Outcome.Refuse) { _answers.Refuse(at, isForGood: false); }
        else if (!_link.IsOpen) { _inbox[at].Fate = JetFate.Acknowledged; }
        else { _tail.Acknowledge(at, _link.Now); }
    }

    /// <summary>With space there is a pull.</summary>
    public SettledNext Heard()
    {
        _pulls.Pull();
        return SettledNext.None;
    }

    /// <summary>Nothing follows: what was said is with the client.</summary>
    public void Raise(SettledNext next)
    {
    }
}
