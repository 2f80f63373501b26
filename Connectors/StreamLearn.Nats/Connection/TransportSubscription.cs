using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

/// <summary>A subscription of a pipeline to messages that no stream keeps: what does not fit is dropped, the oldest first, and
/// counted.</summary>
internal sealed class TransportSubscription : IMessageOwner
{
    private const int Batch = 32, MaxBatch = 256;
    private readonly NatsConnection _connection;
    private readonly Topic _filter;
    private readonly EnvelopeNames _names;
    private readonly NatsInbox _inbox;
    private readonly Signal _toDeliver = new();
    private readonly NatsSubscription _own;
    private readonly NatsSubscription? _parent;      // a/# takes a as well
    private long _malformed;

    /// <param name="connection">The connection.</param>
    /// <param name="filter">What to.</param>
    /// <param name="group">The queue group; empty: none.</param>
    /// <param name="options">Capacity.</param>
    /// <param name="names">Interns the names of envelopes.</param>
    internal TransportSubscription(NatsConnection connection, Topic filter, byte[] group, SubscribeOptions options, EnvelopeNames names)
    {
        (_connection, _filter, _names) = (connection, filter, names);
        _inbox = new(options.Capacity, Math.Max(MinBytes, 2L * options.MaxPayloadBytes), NatsOverflow.DropOldest);
        var (subject, parent) = NatsTopic.Subscription(filter);
        _own = connection.Subscribe(System.Text.Encoding.UTF8.GetBytes(subject), group, _inbox, _toDeliver);
        _parent = parent is null ? null : connection.Subscribe(System.Text.Encoding.UTF8.GetBytes(parent), group, _inbox, _toDeliver);
    }

    private const long MinBytes = 8 << 20;

    internal NatsSubscriptionStatus Status
    {
        get
        {
            lock (_connection.Gate)
            {
                return new(_filter.Value, _inbox.Waiting, _inbox.Held, _inbox.Received, _inbox.Dropped, Volatile.Read(ref _malformed));
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
    public void Release(long id)
    {
        lock (_connection.Gate) { _inbox.Release(id); }
    }

    /// <inheritdoc />
    public bool TryEnvelope(long id, out Envelope envelope)
    {
        NatsMessage message;
        lock (_connection.Gate)
        {
            envelope = default;
            if (!_inbox.TryFind(id, out message)) { return false; }
        }

        return Envelope.TryRead(message.Payload, _names, out envelope, out _) == EnvelopeFault.None;
    }

    internal async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static s => ((TransportSubscription)s!).End(), this);
        var taken = new NatsMessage[Batch];
        int count = 0, next = 0;
        try
        {
            while (true)
            {
                (count, next) = (_own.Take(taken), 0);
                while (next < count)
                {
                    if (TryMake(taken[next++], out var message)) { yield return message; }
                }

                if (count == taken.Length && count < MaxBatch) { taken = new NatsMessage[count * 2]; }
                if (count > 0) { continue; }
                if (cancellationToken.IsCancellationRequested) { yield break; }
                if (_connection.Failure is { } failure) { throw failure; }
                await _toDeliver.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            End();
            for (; next < count; next++) { Release(taken[next].Id); }
            while (_own.Take(taken) is > 0 and var more)
            {
                for (var i = 0; i < more; i++) { Release(taken[i].Id); }
            }
        }
    }

    private void End()
    {
        _connection.Unsubscribe(_own);
        if (_parent is not null) { _connection.Unsubscribe(_parent); }
        _toDeliver.Raise();
    }

    /// <summary>Makes a message of what came; false: it is none of this subscription, or its envelope cannot be read.</summary>
    private bool TryMake(in NatsMessage taken, out Message message)
    {
        message = default;
        var (origin, at) = (new MessageOrigin("", taken.Sequence), taken.PayloadAt);
        var isMeant = taken.Topic.Value is not null && _filter.Matches(taken.Topic);
        if (isMeant && Envelope.IsOn(taken.Topic))
        {
            isMeant = Envelope.TryRead(taken.Payload, _names, out var envelope, out var payloadAt) == EnvelopeFault.None;
            (origin, at) = (envelope.Origin, at + payloadAt);
        }

        if (!isMeant || !NatsProperties.TryRead(taken.Headers, taken.Reply, out var properties))
        {
            Interlocked.Increment(ref _malformed);
            Release(taken.Id);
            return false;
        }

        message = new(taken.Topic, new ReadOnlySequence<byte>(taken.Bytes, at, taken.Length - at), origin, this, taken.Id)
        {
            Properties = properties,
        };
        return true;
    }
}
