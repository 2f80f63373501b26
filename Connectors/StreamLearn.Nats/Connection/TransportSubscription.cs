using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

/// <summary>A pipeline's subscription to core NATS messages or pulled stream messages, and to retained ones.</summary>
internal sealed class TransportSubscription
{
    private const int Batch = 32, MaxBatch = 256;
    private readonly NatsLink _link;
    private readonly Topic _filter;
    private readonly Signal _toDeliver = new();
    private readonly NatsSource[] _sources;
    private readonly Action<TransportSubscription> _ended;
    private readonly NatsMessage[] _taken = new NatsMessage[MaxBatch];
    private long _malformed;

    internal TransportSubscription(NatsLink link, Topic filter, string group, SubscribeOptions options,
        Func<Signal, IEnumerable<JetReader>> readers, Action<TransportSubscription> ended)
    {
        (_link, _filter, _ended) = (link, filter, ended);
        _sources = [.. readers(_toDeliver)];
        if (!_sources.OfType<JetReader>().Any(static r => r.Reading.Acknowledges))
        {
            _sources = [.. _sources, new PassingMessages(link, filter, group, options, _toDeliver)];
        }
    }

    /// <summary>Completes once new publications are received or never will be; it never fails.</summary>
    internal Task Begun => Task.WhenAll(_sources.Select(static s => s.Begun));

    internal Task Over => Task.WhenAll(_sources.Select(static s => s.Running));

    internal NatsSubscriptionStatus Status
    {
        get
        {
            lock (_link.Gate)
            {
                foreach (var source in _sources) { source.Hear(); }
                var waiting = _sources.Sum(static s => s.Inbox.Waiting);
                return new(_filter.Value, waiting, _sources.Sum(static s => s.Inbox.Open) - waiting,
                    _sources.Sum(static s => s.Inbox.Received), _sources.Sum(static s => s.Inbox.Dropped), Volatile.Read(ref _malformed))
                {
                    Again = _sources.Sum(static s => s.Inbox.Again),
                    Silences = _sources.Sum(static s => s.Silences),
                };
            }
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

    private static void Leave(in Message message)
    {
        message.Refuse("stopped");
        message.Dispose();
    }

    private TransportException? Failure()
    {
        lock (_link.Gate)
        {
            if (_link.Failure is { } failure) { return failure; }
            return _sources.Select(static s => s.Failure).FirstOrDefault(static f => f is not null) is not { } fault ? null
                : fault as TransportException ?? new TransportException($"{_filter}: {fault.Message}", isTransient: false, fault);
        }
    }

    internal void End()
    {
        foreach (var source in _sources) { source.End(); }
        _toDeliver.Raise();
        _ended(this);
    }

    /// <summary><paramref name="isMore"/>: true if more may be queued.</summary>
    private int Take(Message[] into, out bool isMore)
    {
        var count = 0;
        isMore = false;
        foreach (var source in _sources)
        {
            if (count == into.Length) { break; }
            var taken = source.Take(_taken.AsSpan(0, Math.Min(_taken.Length, into.Length - count)));
            isMore |= taken > 0;
            foreach (ref readonly var message in _taken.AsSpan(0, taken))
            {
                if (TryMake(source, message, out into[count])) { count++; }
            }
        }

        return count;
    }

    /// <summary>Makes a message; returns false if it is not for this subscription or cannot be read.</summary>
    private bool TryMake(NatsSource source, in NatsMessage taken, out Message message)
    {
        message = default;
        var headers = taken.Headers;

        // an acknowledgement mark, or the deletion mark of a retained message
        if ((taken.Payload.IsEmpty && JetAckMark.IsMark(headers)) || (taken.IsRetained && headers.TryFind("KV-Operation"u8, out _)))
        {
            source.Release(taken.Id);
            return false;
        }

        var topic = taken.Topic;
        var origin = new MessageOrigin(source.Origin, taken.Nanoseconds);      // a killed server may reuse a number
        var isMeant = topic.Value is not null && _filter.Matches(topic);
        var reply = source is PassingMessages ? taken.Reply : "";
        if (!isMeant || !headers.IsWellFormed || !NatsProperties.TryRead(headers, reply, out var properties))
        {
            Interlocked.Increment(ref _malformed);
            source.Discard(taken.Id);
            return false;
        }

        message = new(topic, new ReadOnlySequence<byte>(taken.Payload), origin, source, taken.Id)
        {
            Properties = properties,
            IsRetained = taken.IsRetained,
            IsRedelivered = taken.IsRedelivered,
        };
        return true;
    }
}
