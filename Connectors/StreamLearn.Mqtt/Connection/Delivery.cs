namespace StreamLearn.Mqtt;

/// <summary>
/// Between a link's session and the application: messages go out, and what the application says about them comes back. Saying something
/// never waits for the session. A busy application's acknowledgements go together: until it waits, or a quarter of the credit is used,
/// or a moment has passed.
/// </summary>
internal sealed class Delivery : IAsyncDisposable
{
    private const int MaxUnapplied = 64;
    private const int MaxUnsentBytes = 4096;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Link _link;
    private readonly Inbox _inbox;
    private readonly Outcomes _outcomes = new();
    private readonly ITimer _linger;
    private readonly int _maxUnapplied;
    private readonly int _maxUnsent;
    private volatile bool _isIdle = true;
    private int _isLingering;

    internal Delivery(Link link, int capacity, TimeProvider time)
    {
        (_link, _inbox) = (link, link.Session.Inbox);
        _maxUnapplied = Math.Clamp(capacity / 2, 1, MaxUnapplied);        // two for each message
        _maxUnsent = Math.Min(capacity, MaxUnsentBytes);              // four bytes for each
        _linger = time.CreateTimer(static d => ((Delivery)d!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _linger.DisposeAsync();

    /// <summary>Takes messages that are to be delivered.</summary>
    internal int Take(Span<ReceivedMessage> into)
    {
        var count = 0;
        bool writes, reads;
        lock (_link.Gate)
        {
            ApplySettlements();
            while (count < into.Length && _inbox.TryTake(out into[count])) { count++; }
            _isIdle = count == 0;
            (writes, reads) = Follows();
        }

        if (writes && _link.ToWrite.TryRaise()) { _link.ToWrite.Execute(); }        // here and now: the caller waits anyway
        _link.Raise(writes: false, reads);
        return count;
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome)
    {
        var unapplied = _outcomes.Add(id, outcome);
        if (_isIdle || _maxUnapplied == 1) { Apply(); }
        else if (unapplied >= _maxUnapplied) { TryApply(); }
        else if (unapplied == 1) { Linger(); }
    }

    /// <summary>The bytes of a message that was not released; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Payload(long id)
    {
        lock (_link.Gate)
        {
            ApplySettlements();
            return _inbox.Payload(id);
        }
    }

    /// <summary>Ends a message that is none, so that it does not come again.</summary>
    internal void Discard(long id, EnvelopeFault fault)
    {
        lock (_link.Gate) { _link.Session.Counters.Malformed.Add(fault); }
        Settle(id, Outcome.Release);
        Settle(id, Outcome.Acknowledge);
    }

    /// <summary>Takes to the session what the application said. Locked.</summary>
    internal void ApplySettlements()
    {
        foreach (var (id, outcome) in _outcomes.Take())
        {
            switch (outcome)
            {
                case Outcome.Acknowledge: _inbox.Acknowledge(id, _link.Output); break;
                case Outcome.Refuse: _inbox.Refuse(id, _link.Output); break;
                default: _inbox.Release(id); break;
            }
        }

        if (_inbox is { IsEnding: true, Held: 0 }) { _link.Leave(); }
    }

    private void Apply()
    {
        bool writes, reads;
        lock (_link.Gate)
        {
            ApplySettlements();
            (writes, reads) = Follows();
        }

        _link.Raise(writes, reads);
    }

    /// <summary>If somebody else has the lock, he hears it, or the next who takes messages, or the timer that the first started.</summary>
    private void TryApply()
    {
        if (!_link.Gate.TryEnter()) { return; }
        bool writes, reads;
        try
        {
            ApplySettlements();
            (writes, reads) = Follows();
        }
        finally
        {
            _link.Gate.Exit();
        }

        _link.Raise(writes, reads);
    }

    /// <summary>Whether there is something worth writing, and whether reading may go on.</summary>
    private (bool Writes, bool Reads) Follows()
    {
        var unsent = _link.Output.Count;
        var writes = unsent > 0 && (_isIdle || unsent >= _maxUnsent || _link.Session.State != SessionState.Connected);
        if (unsent > 0 && !writes) { Linger(); }
        return (writes, _link.MayGoOn);
    }

    private void Linger()
    {
        if (Interlocked.Exchange(ref _isLingering, 1) == 0) { _linger.Change(Moment, Timeout.InfiniteTimeSpan); }
    }

    private void Flush()
    {
        Volatile.Write(ref _isLingering, 0);
        Apply();
        _link.Raise(writes: true, reads: false);
    }
}
