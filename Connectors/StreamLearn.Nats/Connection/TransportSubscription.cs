using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

/// <summary>
/// A subscription of a pipeline: to messages that pass, of which the oldest are dropped and counted when there is no space; or to those
/// that a stream keeps, which are pulled and acknowledged; and to those that are retained.
/// </summary>
internal sealed class TransportSubscription : IMessageOwner, ISettlementHearer, ILinkPart
{
    private const int Batch = 32, MaxBatch = 256;
    private const long MinBytes = 8 << 20;
    private readonly NatsLink _link;
    private readonly Topic _filter;
    private readonly EnvelopeNames _names;
    private readonly NatsInbox _inbox;
    private readonly Settlements _settlements;
    private readonly Signal _toDeliver = new();
    private readonly ImmutableArray<NatsTap> _passing;      // a/# takes a as well
    private readonly SubjectTopics _topics = new();
    private readonly Task _subscribed = Task.CompletedTask;
    private readonly ImmutableArray<StreamOwner> _kept;
    private readonly Action<TransportSubscription> _ended;
    private readonly PassingMessage[] _taken;
    private TransportException? _denied;
    private long _malformed;

    /// <param name="link">The connection.</param>
    /// <param name="filter">What to.</param>
    /// <param name="group">The queue group; empty: none.</param>
    /// <param name="options">Capacity.</param>
    /// <param name="names">Interns the names of envelopes.</param>
    /// <param name="readers">Makes the readers of streams; without any that acknowledges, messages are taken as they pass.</param>
    /// <param name="ended">Hears that it has ended.</param>
    internal TransportSubscription(NatsLink link, Topic filter, string group, SubscribeOptions options, EnvelopeNames names,
        Func<Signal, ImmutableArray<JetReader>> readers, Action<TransportSubscription> ended)
    {
        (_link, _filter, _names, _ended) = (link, filter, names, ended);
        _inbox = new(options.Capacity, Math.Max(MinBytes, 2L * options.MaxPayloadBytes));
        _settlements = new(link.Gate, options.Capacity, link.Time, this);
        _kept = [.. readers(_toDeliver).Select(r => new StreamOwner(r, names))];
        if (_kept.Any(static k => k.Reader.Reading.Acknowledges))
        {
            (_passing, _taken) = ([], []);
            link.Add(this);
            return;
        }

        _taken = new PassingMessage[MaxBatch];
        var (subject, parent) = NatsTopic.Subscription(filter);
        _passing = [.. new[] { subject, parent }.OfType<string>()
            .Select(s => new NatsTap(link.Connection, s, group.Length > 0 ? group : null, Take))];
        link.Add(this);
        _subscribed = SubscribeAsync();
    }

    /// <summary>Done when it gets what is published from now on, or never will; it never fails.</summary>
    internal Task Begun => Task.WhenAll(_kept.Select(static k => k.Reader.Begun).Append(_subscribed));

    /// <summary>Done when it has ended, and the server knows.</summary>
    internal Task Over => Task.WhenAll(_kept.Select(static k => k.Reader.Running));

    internal bool IsThere => _subscribed.IsCompleted && _kept.All(static k => k.Reader.Begun.IsCompleted);

    internal NatsSubscriptionStatus Status
    {
        get
        {
            lock (_link.Gate)
            {
                _settlements.Hear();
                return new(_filter.Value, _inbox.Waiting + _kept.Sum(static k => k.Reader.Inbox.Waiting),
                    _inbox.Held + _kept.Sum(static k => k.Reader.Inbox.Open - k.Reader.Inbox.Waiting),
                    _inbox.Received + _kept.Sum(static k => k.Reader.Received), _inbox.Dropped, Volatile.Read(ref _malformed))
                {
                    Again = _kept.Sum(static k => k.Reader.Again),
                    Silences = _kept.Sum(static k => k.Reader.Silences),
                };
            }
        }
    }

    /// <summary>Nothing is acknowledged to a server that keeps nothing.</summary>
    public void Acknowledge(long id)
    {
    }

    /// <summary>What is refused does not come again: no server keeps it.</summary>
    public void Refuse(long id, string reason)
    {
    }

    /// <inheritdoc />
    public void Release(long id) => _settlements.Settle(id, Outcome.Release);

    /// <inheritdoc />
    public void Connected()
    {
    }

    /// <inheritdoc />
    public void Lost()
    {
    }

    /// <inheritdoc />
    public void Denied(in NatsViolation violation, TransportException error)
    {
        var subject = violation.Subject;
        if (!violation.IsSubscription || !_passing.Any(p => p.Subject == subject)) { return; }
        _denied = error;
        _toDeliver.Raise();
    }

    /// <inheritdoc />
    public void Leaves() => _toDeliver.Raise();

    /// <inheritdoc />
    public void Hear(long id, Outcome outcome) => _inbox.Release(id);

    /// <summary>Nothing follows: it needs no credit, and says nothing to the server.</summary>
    public SettledNext Heard() => SettledNext.None;

    /// <inheritdoc />
    public void Raise(SettledNext next)
    {
    }

    /// <inheritdoc />
    public bool TryEnvelope(long id, out Envelope envelope)
    {
        PassingMessage message;
        lock (_link.Gate)
        {
            envelope = default;
            _settlements.Hear();
            if (!_inbox.TryFind(id, out message)) { return false; }
        }

        return Envelope.TryRead(message.Payload.Span, _names, out envelope, out _) == EnvelopeFault.None;
    }

    private async Task SubscribeAsync()
    {
        try
        {
            await Task.WhenAll(_passing.Select(_link.AddAsync).ToArray()).ConfigureAwait(false);
        }
        catch (Exception e)     // whoever reads gets it
        {
            lock (_link.Gate) { _denied ??= e as TransportException ?? new($"{_filter}: {e.Message}", isTransient: false, e); }
            _toDeliver.Raise();
        }
    }

    internal async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static s => ((TransportSubscription)s!).End(), this);
        var messages = new Message[Batch];
        int count = 0, next = 0;
        try
        {
            while (true)
            {
                (count, next) = (Take(messages, out var isMore), 0);
                while (next < count) { yield return messages[next++]; }
                if (count == messages.Length && count < MaxBatch) { messages = new Message[count * 2]; }
                if (isMore) { continue; }
                if (cancellationToken.IsCancellationRequested) { yield break; }
                if (Failure() is { } failure) { throw failure; }
                await _toDeliver.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            End();
            for (; next < count; next++) { Leave(messages[next]); }
            while (true)
            {
                count = Take(messages, out var isMore);
                for (next = 0; next < count; next++) { Leave(messages[next]); }
                if (!isMore) { break; }
            }
        }
    }

    /// <summary>Leaves to the server what nobody will take any more.</summary>
    private static void Leave(in Message message)
    {
        message.Refuse("stopped");
        message.Dispose();
    }

    /// <summary>Takes a message on the thread that reads the connection.</summary>
    private void Take(in NatsFrame message)
    {
        lock (_link.Gate)
        {
            _link.Came(message);
            _inbox.Add(_topics.Of(message.Subject), message);
        }

        _toDeliver.RaiseWithoutSpin();
    }

    private Exception? Failure()
    {
        lock (_link.Gate)
        {
            if ((_link.Failure ?? _denied) is { } failure) { return failure; }

            foreach (var kept in _kept)
            {
                if (kept.Reader.Failure is { } fault)
                {
                    return fault as TransportException ?? new TransportException($"{_filter}: {fault.Message}", isTransient: false, fault);
                }
            }

            return null;
        }
    }

    internal void End()
    {
        foreach (var passing in _passing) { NatsLink.Drop(passing); }
        _link.Remove(this);
        foreach (var kept in _kept) { kept.Reader.End(); }
        _settlements.End();
        _toDeliver.Raise();
        _ended(this);
    }

    /// <summary>Takes messages that wait.</summary>
    /// <param name="into">Where to.</param>
    /// <param name="isMore">True: something came, and more may wait.</param>
    private int Take(Message[] into, out bool isMore)
    {
        var count = 0;
        isMore = false;
        foreach (var kept in _kept)
        {
            // retained messages first: they are older
            if (!kept.Reader.Reading.Acknowledges) { isMore |= Take(kept, into, ref count); }
        }

        foreach (var kept in _kept)
        {
            if (kept.Reader.Reading.Acknowledges) { isMore |= Take(kept, into, ref count); }
        }

        if (_passing.IsEmpty || count == into.Length) { return count; }
        int taken;
        lock (_link.Gate)
        {
            _settlements.Hear();
            for (taken = 0; taken < Math.Min(_taken.Length, into.Length - count) && _inbox.TryTake(out _taken[taken]);) { taken++; }
            _settlements.IsIdle = taken == 0;
        }

        isMore |= taken > 0;
        for (var i = 0; i < taken; i++)
        {
            if (TryMake(_taken[i], out var message)) { into[count++] = message; }
        }

        return count;
    }

    private bool Take(StreamOwner kept, Message[] into, ref int count)
    {
        var taken = kept.Reader.Take(kept.Taken.AsSpan(0, Math.Min(kept.Taken.Length, into.Length - count)));
        for (var i = 0; i < taken; i++)
        {
            if (TryMake(kept, kept.Taken[i], out var message)) { into[count++] = message; }
        }

        return taken > 0;
    }

    /// <summary>Makes a message of what passed; false: it is none of this subscription, or its envelope cannot be read.</summary>
    private bool TryMake(in PassingMessage taken, out Message message)
    {
        var payload = taken.Payload;
        if (payload.IsEmpty && JetFloor.IsMark(new(taken.Headers)))
        {
            Release(taken.Id);
            message = default;
            return false;
        }

        var origin = new MessageOrigin("", taken.Sequence);
        if (TryMake(taken.Topic, payload, taken.Headers, taken.Reply, origin, this, taken.Id, out message)) { return true; }
        Release(taken.Id);
        return false;
    }

    private bool TryMake(StreamOwner kept, in JetMessage taken, out Message message)
    {
        // the mark of what is not retained any more
        if (taken.IsRetained && taken.Operation.Length > 0)
        {
            kept.Release(taken.Id);
            message = default;
            return false;
        }

        // by its time: a server that is killed may give a number anew
        var origin = new MessageOrigin(kept.Source, taken.Nanoseconds);
        if (TryMake(taken.Topic, taken.Payload, taken.Headers, "", origin, kept, taken.Id, out message))
        {
            message = new(message.Topic, message.Payload, message.Origin, kept, taken.Id)
            {
                Properties = message.Properties,
                IsRetained = taken.IsRetained,
                IsRedelivered = taken.IsRedelivered,
            };
            return true;
        }

        kept.Reader.Discard(taken.Id);
        return false;
    }

    private bool TryMake(Topic topic, ReadOnlyMemory<byte> payload, ReadOnlySpan<byte> headers, string reply,
        MessageOrigin origin, IMessageOwner owner, long id, out Message message)
    {
        message = default;
        var at = 0;
        var isMeant = topic.Value is not null && _filter.Matches(topic);
        if (isMeant && Envelope.IsOn(topic))
        {
            isMeant = Envelope.TryRead(payload.Span, _names, out var envelope, out at) == EnvelopeFault.None;
            origin = envelope.Origin;
        }

        if (!isMeant || !new HeaderBlock(headers).IsWellFormed || !NatsProperties.TryRead(headers, reply, out var properties))
        {
            Interlocked.Increment(ref _malformed);
            return false;
        }

        message = new(topic, new ReadOnlySequence<byte>(payload[at..]), origin, owner, id) { Properties = properties };
        return true;
    }

    /// <summary>Where messages of a stream belong.</summary>
    private sealed class StreamOwner(JetReader reader, EnvelopeNames names) : IMessageOwner
    {
        internal JetReader Reader { get; } = reader;

        internal string Source { get; } = $"stream/{reader.Reading.Stream}";

        internal JetMessage[] Taken { get; } = new JetMessage[2 * Batch];

        public void Acknowledge(long id) => Reader.Settle(id, Outcome.Acknowledge);

        public void Refuse(long id, string reason) => Reader.Settle(id, Outcome.Refuse);

        public void Release(long id) => Reader.Settle(id, Outcome.Release);

        public bool TryEnvelope(long id, out Envelope envelope) =>
            Envelope.TryRead(Reader.Payload(id).Span, names, out envelope, out _) == EnvelopeFault.None;
    }
}
