namespace StreamLearn.Nats;

/// <summary>What the application says about messages of a reader, and what the server is told of it.</summary>
internal sealed class JetSettling : ISettlementHearer
{
    private const int MaxUnsentBytes = 8 << 10;
    private readonly NatsConnection _connection;
    private readonly JetReading _reading;
    private readonly JetInbox _inbox;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly JetTail _tail;
    private readonly Settlements _settlements;
    private readonly List<long> _refused = [];  // while it leaves
    private bool _isLeaving;

    internal JetSettling(NatsConnection connection, JetReading reading, JetInbox inbox, JetPulls pulls, JetAnswers answers)
    {
        (_connection, _reading, _inbox, _pulls, _answers) = (connection, reading, inbox, pulls, answers);
        _tail = new(inbox, answers);
        _settlements = new(connection.Gate, reading.Capacity, connection.Time, this);
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome) => _settlements.Settle(id, outcome);

    /// <summary>A message that is none for the application does not come again.</summary>
    internal void Discard(long id)
    {
        lock (_connection.Gate)
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
    internal SettledNext Took(int count)
    {
        _settlements.IsIdle = count == 0;
        return Heard();
    }

    /// <summary>Nothing is held back from the server any more, but for what goes back to it: that waits until it knows that the reading has
    /// ended. Locked.</summary>
    internal void Leave()
    {
        HoldNothing();
        _isLeaving = _reading.Acknowledges && _connection.Server is not null;
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
        else if (_connection.Server is null) { _inbox[at].Fate = JetFate.Acknowledged; }
        else { _tail.Acknowledge(at, _connection.Now); }
    }

    /// <summary>What was said goes out when the application waits, when nothing is left to say, with a pull, or when it is much.</summary>
    public SettledNext Heard()
    {
        var pulls = _pulls.Pull();
        var unsent = _connection.Output.Count;
        if (unsent == 0) { return SettledNext.None; }
        if (pulls || _settlements.IsIdle || _inbox.Open == 0 || unsent >= MaxUnsentBytes) { return SettledNext.Write; }
        _settlements.Linger();
        return SettledNext.None;
    }

    /// <inheritdoc />
    public void Raise(SettledNext next)
    {
        if (next == SettledNext.Write) { _connection.ToWrite.RaiseWithoutSpin(); }
    }
}
