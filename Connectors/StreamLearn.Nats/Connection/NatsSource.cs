namespace StreamLearn.Nats;

/// <summary>The source of messages for a subscription: core NATS or a stream. Use it while holding the link's lock.</summary>
internal abstract class NatsSource : IMessageOwner, ISettlementHearer, ILinkPart
{
    private readonly Settlements _settlements;

    protected NatsSource(NatsLink link, int capacity, string origin, Signal toDeliver)
    {
        (Link, Origin, ToDeliver) = (link, origin, toDeliver);
        _settlements = new(link.Gate, capacity, link.Time, this);
    }

    internal string Origin { get; }

    internal NatsInbox Inbox { get; } = new();

    /// <summary>The permanent failure; null: it is reading, or waiting for the connection.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Completes once new publications are received or never will be; it never fails.</summary>
    internal abstract Task Begun { get; }

    /// <summary>Completes when the reader has ended and the server was informed.</summary>
    internal virtual Task Running => Task.CompletedTask;

    /// <summary>Number of timeouts of the server.</summary>
    internal virtual long Silences => 0;

    protected NatsLink Link { get; }

    protected Signal ToDeliver { get; }

    /// <summary>Called without holding the lock.</summary>
    internal int Take(Span<NatsMessage> into)
    {
        var count = 0;
        lock (Link.Gate)
        {
            Hear();
            while (count < into.Length && Inbox.TryTake(out var at)) { into[count++] = Inbox.Message(at); }
            _settlements.IsIdle = count == 0;       // if idle, it waits, and pending acknowledgments are sent
            Heard();
        }

        return count;
    }

    /// <summary>Called without holding the lock.</summary>
    internal void Settle(long id, Outcome outcome) => _settlements.Settle(id, outcome);

    /// <summary>Prevents redelivery of a message that is not for the application. Called without holding the lock.</summary>
    internal virtual void Discard(long id) => Settle(id, Outcome.Release);

    internal void Hear() => _settlements.Hear();

    /// <summary>Stops reading; later acknowledgements still apply, at once. Called without holding the lock.</summary>
    internal virtual void End() => _settlements.End();

    public virtual void Acknowledge(long id) => Settle(id, Outcome.Acknowledge);

    public void Refuse(long id, string reason) => Settle(id, Outcome.Refuse);

    public void Release(long id) => Settle(id, Outcome.Release);

    public abstract void Hear(long id, Outcome outcome);

    public virtual SettledNext Heard() => SettledNext.None;

    public void Raise(SettledNext next) { }

    public virtual void Connected() { }

    public virtual void Lost() { }

    public abstract void Denied(in NatsViolation violation, TransportException error);

    public virtual void Leaves() => ToDeliver.Raise();

    /// <summary>Called without holding the lock.</summary>
    internal virtual void Fail(Exception failure)
    {
        lock (Link.Gate) { Failure ??= failure; }
        ToDeliver.Raise();
    }
}

/// <summary>Core NATS messages. Of too many messages or bytes, it drops and counts the oldest. No acknowledgements.</summary>
internal sealed class PassingMessages : NatsSource
{
    private const long MinBytes = 8 << 20;
    private readonly NatsTap[] _taps;       // a/# also matches a
    private readonly SubjectTopics _topics = new();
    private readonly int _capacity;
    private readonly long _maxBytes;

    internal PassingMessages(NatsLink link, Topic filter, string group, SubscribeOptions options, Signal toDeliver)
        : base(link, options.Capacity, "", toDeliver)
    {
        (_capacity, _maxBytes) = (options.Capacity, Math.Max(MinBytes, 2L * options.MaxPayloadBytes));
        var (subject, parent) = NatsTopic.Subscription(filter);
        _taps = [.. new[] { subject, parent }.OfType<string>()
            .Select(s => new NatsTap(link.Connection, s, group.Length > 0 ? group : null, Take))];
        link.Add(this);
        Begun = SubscribeAsync();
    }

    internal override Task Begun { get; }

    internal override void End()
    {
        foreach (var tap in _taps) { NatsLink.Drop(tap); }
        Link.Remove(this);
        base.End();
    }

    public override void Denied(in NatsViolation violation, TransportException error)
    {
        var subject = violation.Subject;
        if (violation.IsSubscription && _taps.Any(t => t.Subject == subject)) { Fail(error); }
    }

    public override void Acknowledge(long id) { }

    public override void Hear(long id, Outcome outcome)
    {
        if (outcome == Outcome.Release && Inbox.TryFind(id, out var at)) { Drop(at); }
    }

    private async Task SubscribeAsync()
    {
        try { await Task.WhenAll(_taps.Select(Link.AddAsync).ToArray()).ConfigureAwait(false); }
        catch (Exception e) { Fail(e); }        // the failure is passed to the reader
    }

    /// <summary>Queues a message. Called on the reader thread.</summary>
    private void Take(in NatsFrame message)
    {
        lock (Link.Gate)
        {
            Link.Came(message);
            for (; Inbox.Waiting == _capacity || (Inbox.Waiting > 0 && Inbox.WaitingBytes + message.Length > _maxBytes); Inbox.Dropped++)
            {
                Inbox.TryTake(out var oldest);
                Drop(oldest);
            }

            var number = new NatsDelivery(0, 0, 1, Inbox.Received++, 0);
            Inbox.Deliver(Inbox.Add(_topics.Of(message.Subject), message, number, now: 0, isTracked: false));
        }

        ToDeliver.RaiseWithoutSpin();
    }

    private void Drop(int at)
    {
        Inbox.Settle(at, isDone: true);
        Inbox.Release(at);
    }
}
