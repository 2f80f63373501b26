using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace StreamLearn;

/// <summary>Carries bytes between pipelines of one process. A publisher waits while a subscriber is full; what nobody subscribes to is
/// gone.</summary>
/// <param name="name">The name by which nodes compare and print it.</param>
public sealed class InProcessTransport(string name = "in-process") : ITransport
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (byte[] Payload, PublishOptions Options)> _retained = new(StringComparer.Ordinal);
    private Subscriber[] _subscribers = [];
    private long _refused;
    private int _disposed;

    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>Messages that were refused because a run was stopped; they are not delivered again.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <inheritdoc />
    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (options.Retain) { _retained[topic.Value] = (payload.ToArray(), options); }
        foreach (var subscriber in Volatile.Read(ref _subscribers))
        {
            if (subscriber.Filter.Matches(topic))
            {
                await subscriber.DeliverAsync(topic, payload, options, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Subscribes at once; reading may begin later. Retained messages come first.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        var subscriber = new Subscriber(this, filter, options.Capacity);
        lock (_lock)
        {
            var retained = _retained.Where(r => filter.Matches(r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal);
            subscriber.Retained = [.. retained.Select(r => (new Topic(r.Key), r.Value.Payload, r.Value.Options))];
            _subscribers = [.. _subscribers, subscriber];
        }

        return ReadAsync(subscriber, cancellationToken);
    }

    /// <summary>Ends every subscription.</summary>
    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _disposed, 1);
        foreach (var subscriber in Volatile.Read(ref _subscribers)) { Remove(subscriber); }
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<Message> ReadAsync(Subscriber subscriber, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(static s => ((Subscriber)s!).End(), subscriber);
        await using var _ = registration.ConfigureAwait(false);
        try
        {
            foreach (var (topic, payload, options) in subscriber.Retained)
            {
                yield return subscriber.Keep(topic, new(payload), options, retained: true);
            }

            while (await subscriber.Queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (subscriber.Queue.Reader.TryRead(out var message)) { yield return message; }
            }
        }
        finally
        {
            Remove(subscriber);
        }
    }

    private void Remove(Subscriber subscriber)
    {
        lock (_lock) { _subscribers = [.. _subscribers.Where(s => s != subscriber)]; }
        subscriber.Queue.Writer.TryComplete();
    }

    /// <summary>One subscription: a bounded queue, and the payload buffers of what it delivered.</summary>
    private sealed class Subscriber(InProcessTransport transport, Topic filter, int capacity) : IMessageOwner
    {
        private readonly ConcurrentDictionary<long, byte[]> _payloads = new();
        private long _id;

        internal Topic Filter { get; } = filter;

        internal Channel<Message> Queue { get; } = Channel.CreateBounded<Message>(capacity);

        internal (Topic Topic, byte[] Payload, PublishOptions Options)[] Retained { get; set; } = [];

        /// <inheritdoc />
        public void Acknowledge(long id)
        {
            // Bytes of one process need no confirmation beyond the queue that took them.
        }

        /// <inheritdoc />
        public void Refuse(long id, string reason) => Interlocked.Increment(ref transport._refused);

        /// <inheritdoc />
        public void Release(long id)
        {
            if (_payloads.TryRemove(id, out var payload)) { ArrayPool<byte>.Shared.Return(payload); }
        }

        internal void End() => transport.Remove(this);

        internal async ValueTask DeliverAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
        {
            var message = Keep(topic, payload, options, retained: false);
            try
            {
                await Queue.Writer.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
            {
                message.Dispose();
                if (e is OperationCanceledException) { throw; }
            }
        }

        internal Message Keep(Topic topic, ReadOnlySequence<byte> payload, in PublishOptions options, bool retained)
        {
            var length = (int)payload.Length;
            var copy = ArrayPool<byte>.Shared.Rent(length);
            payload.CopyTo(copy);
            var id = Interlocked.Increment(ref _id);
            _payloads[id] = copy;
            return new(topic, new(copy, 0, length), options.Origin, this, id) { IsRetained = retained, Properties = options.Properties };
        }
    }
}
