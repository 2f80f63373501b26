using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace StreamLearn;

/// <summary>Carries messages within a process. Publishers wait while a subscriber is full; messages without subscribers are lost.</summary>
/// <remarks> With <see cref="ConfirmsWhenAcknowledged"/>, checkpointed runs lose and repeat nothing, however the process ends: a message
/// stays in its publisher's checkpoints until the checkpoints of each subscriber hold its effect. All runs must subscribe before the first
/// message and none may stop before the others: start and stop them under <see cref="Hold"/>. Retained messages end with the process.
/// </remarks>
/// <param name="name">The name by which nodes compare and print it.</param>
public sealed class InProcessTransport(string name = "in-process") : ITransport
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (byte[] Payload, PublishOptions Options)> _retained = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);      // publishers' turns by source
    private Subscriber[] _subscribers = [];
    private TaskCompletionSource? _held;
    private long _refused;
    private int _disposed;

    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>True: a publication completes when all receivers have acknowledged or refused the message. Default false: it completes when
    /// the message is queued.</summary>
    public bool ConfirmsWhenAcknowledged { get; init; }

    /// <summary>Maximum number of concurrent publications: 64 if they complete when acknowledged, otherwise 1.</summary>
    public int MaxInFlight => ConfirmsWhenAcknowledged ? 64 : 1;

    /// <summary>Messages that stopped runs refused and that are not redelivered.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <inheritdoc />
    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Volatile.Read(ref _held) is not null) { await UntilLetGoAsync(cancellationToken).ConfigureAwait(false); }
        if (options.Retain) { _retained[topic.Value] = (payload.ToArray(), options); }
        if (ConfirmsWhenAcknowledged)
        {
            await ConfirmedAsync(topic, payload, options, cancellationToken).ConfigureAwait(false);
            return;
        }

        await DeliverAsync(topic, payload, options, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Holds all messages and publications until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">The transport is already held.</exception>
    public IDisposable Hold()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _held, held, null) is null
            ? new Release(this, held)
            : throw new InvalidOperationException($"transport '{Name}' is already held");
    }

    /// <summary>Subscribes at once, even if reading starts later. Retained messages are received first.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        options.RequireOf(Name);
        if (cancellationToken.IsCancellationRequested) { return AsyncEnumerable.Empty<Message>(); }
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

    private async ValueTask UntilLetGoAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _held) is { } held) { await held.Task.WaitAsync(cancellationToken).ConfigureAwait(false); }
    }

    /// <summary>Sends in order of the calls and waits for all receivers.</summary>
    private async ValueTask ConfirmedAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var (awaited, turn) = (new Awaiting(), _turns.GetOrAdd(options.Origin.Source ?? "", static _ => new(1)));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try { await DeliverAsync(topic, payload, options, awaited, cancellationToken).ConfigureAwait(false); }
        finally { turn.Release(); }

        awaited.Done();
        await awaited.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await UntilLetGoAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask DeliverAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, Awaiting? awaited,
        CancellationToken cancellationToken)
    {
        foreach (var subscriber in Volatile.Read(ref _subscribers))
        {
            if (!subscriber.Filter.Matches(topic)) { continue; }
            awaited?.Add();
            await subscriber.DeliverAsync(topic, payload, options, awaited, cancellationToken).ConfigureAwait(false);
        }
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
            while (subscriber.Queue.Reader.TryRead(out var left))
            {
                left.Refuse("not read");
                left.Dispose();
            }
        }
    }

    private void Remove(Subscriber subscriber)
    {
        lock (_lock) { _subscribers = [.. _subscribers.Where(s => s != subscriber)]; }
        subscriber.Queue.Writer.TryComplete();
    }

    private sealed class Subscriber(InProcessTransport transport, Topic filter, int capacity) : IMessageOwner
    {
        private readonly ConcurrentDictionary<long, byte[]> _payloads = new();
        private readonly ConcurrentDictionary<long, Awaiting> _awaited = new();      // messages whose publishers wait
        private long _id;

        internal Topic Filter { get; } = filter;

        internal Channel<Message> Queue { get; } = Channel.CreateBounded<Message>(capacity);

        internal (Topic Topic, byte[] Payload, PublishOptions Options)[] Retained { get; set; } = [];

        public void Acknowledge(long id) => End(id);

        public void Refuse(long id, string reason)
        {
            Interlocked.Increment(ref transport._refused);
            End(id);
        }

        public void Release(long id)
        {
            if (_payloads.TryRemove(id, out var payload)) { ArrayPool<byte>.Shared.Return(payload); }
        }

        internal void End() => transport.Remove(this);

        internal async ValueTask DeliverAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, Awaiting? awaited,
            CancellationToken cancellationToken)
        {
            var message = Keep(topic, payload, options, retained: false);
            if (awaited is not null) { _awaited[message.Id] = awaited; }
            try { await Queue.Writer.WriteAsync(message, cancellationToken).ConfigureAwait(false); }
            catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
            {
                message.Dispose();
                End(message.Id);
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

        private void End(long id)
        {
            if (_awaited.TryRemove(id, out var awaited)) { awaited.Done(); }
        }
    }

    private sealed class Awaiting
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = 1;      // includes 1 for the sender

        internal Task Task => _done.Task;

        internal void Add() => Interlocked.Increment(ref _left);

        internal void Done()
        {
            if (Interlocked.Decrement(ref _left) == 0) { _done.SetResult(); }
        }
    }

    private sealed class Release(InProcessTransport transport, TaskCompletionSource held) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.CompareExchange(ref transport._held, null, held);
            held.TrySetResult();
        }
    }
}
