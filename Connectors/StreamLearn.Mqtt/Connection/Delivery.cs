namespace StreamLearn.Mqtt;

/// <summary>
/// Between a link's session and the application: messages go out, and what the application says about them comes back. Saying something
/// never waits for the session. A busy application's acknowledgements go together: until it waits, or a quarter of the credit is used,
/// or a moment has passed.
/// </summary>
internal sealed class Delivery : IAsyncDisposable
{
    private const int MostUnheard = 64;
    private const int MostUnsentBytes = 4096;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Link _link;
    private readonly Inbox _inbox;
    private readonly Endings _endings = new();
    private readonly ITimer _linger;
    private readonly int _mostUnheard;
    private readonly int _mostUnsent;
    private volatile bool _isIdle = true;
    private int _isLingering;

    internal Delivery(Link link, int capacity, TimeProvider time)
    {
        (_link, _inbox) = (link, link.Session.Inbox);
        _mostUnheard = Math.Clamp(capacity / 2, 1, MostUnheard);        // two for each message
        _mostUnsent = Math.Min(capacity, MostUnsentBytes);              // four bytes for each
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
            Hear();
            while (count < into.Length && _inbox.TryTake(out into[count])) { count++; }
            _isIdle = count == 0;
            (writes, reads) = Follows();
        }

        if (writes && _link.ToWrite.TryRaise()) { _link.ToWrite.Execute(); }        // here and now: the caller waits anyway
        _link.Raise(writes: false, reads);
        return count;
    }

    /// <summary>The application says something about a message.</summary>
    internal void Say(long id, Ending ending)
    {
        var unheard = _endings.Add(id, ending);
        if (_isIdle || _mostUnheard == 1) { Settle(); }
        else if (unheard >= _mostUnheard) { TrySettle(); }
        else if (unheard == 1) { Linger(); }
    }

    /// <summary>The bytes of a message that was not released; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Payload(long id)
    {
        lock (_link.Gate)
        {
            Hear();
            return _inbox.Payload(id);
        }
    }

    /// <summary>Ends a message that is none, so that it does not come again.</summary>
    internal void Discard(long id, EnvelopeFault fault)
    {
        lock (_link.Gate) { _link.Session.Counters.Malformed.Add(fault); }
        Say(id, Ending.Release);
        Say(id, Ending.Acknowledge);
    }

    /// <summary>Takes to the session what the application said. Locked.</summary>
    internal void Hear()
    {
        foreach (var (id, ending) in _endings.Take())
        {
            switch (ending)
            {
                case Ending.Acknowledge: _inbox.Acknowledge(id, _link.Output); break;
                case Ending.Refuse: _inbox.Refuse(id, _link.Output); break;
                default: _inbox.Release(id); break;
            }
        }

        if (_inbox is { IsEnding: true, Held: 0 }) { _link.Leave(); }
    }

    private void Settle()
    {
        bool writes, reads;
        lock (_link.Gate)
        {
            Hear();
            (writes, reads) = Follows();
        }

        _link.Raise(writes, reads);
    }

    /// <summary>If somebody else has the lock, he hears it, or the next who takes messages, or the timer that the first started.</summary>
    private void TrySettle()
    {
        if (!_link.Gate.TryEnter()) { return; }
        bool writes, reads;
        try
        {
            Hear();
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
        var writes = unsent > 0 && (_isIdle || unsent >= _mostUnsent || _link.Session.State != SessionState.Connected);
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
        Settle();
        _link.Raise(writes: true, reads: false);
    }
}
