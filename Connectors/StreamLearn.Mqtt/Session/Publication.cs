using System.Buffers;
using System.Text;
using System.Threading.Tasks.Sources;

namespace StreamLearn.Mqtt;

internal enum PublicationState : byte
{
    /// <summary>The message was not sent in this session.</summary>
    Waiting,

    /// <summary>Awaits PUBACK or PUBREC.</summary>
    Sent,

    /// <summary>Awaits PUBCOMP.</summary>
    Recorded,
}

internal readonly record struct PublishTerms(int Qos, bool Retain = false, uint? ExpirySeconds = null, MessageProperties? Properties = null)
{
    internal OutgoingPublish Packet(ReadOnlySpan<byte> topic, scoped in ReadOnlySequence<byte> payload)
    {
        if (Properties is not { } more)
        {
            return new() { Topic = topic, Payload = payload, Qos = (byte)Qos, Retain = Retain, ExpirySeconds = ExpirySeconds };
        }

        return new()
        {
            Topic = topic,
            Payload = payload,
            Qos = (byte)Qos,
            Retain = Retain,
            ExpirySeconds = ExpirySeconds,
            ContentType = more.ContentType is { } type ? Encoding.UTF8.GetBytes(type) : default,
            ResponseTopic = more.ResponseTopic is { } answer ? Encoding.UTF8.GetBytes(answer) : default,
            CorrelationData = more.CorrelationData.Span,
            UserProperties = more.User.IsDefault ? default : more.User.AsSpan(),
        };
    }
}

/// <summary>A publication with its own copy of the bytes until it is confirmed, and the waiting call. Pooled.</summary>
internal sealed class Publication(Stack<Publication> pool) : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _registration;
    private byte[] _bytes = [];
    private PublishTerms _terms;
    private int _topicBytes;
    private int _payloadBytes;
    private int _ended;
    private int _users;
    private Exception? _failure;

    internal string TopicText { get; private set; } = "";

    internal OutgoingPublish Packet => _terms.Packet(_bytes.AsSpan(0, _topicBytes), new(_bytes, _topicBytes, _payloadBytes));

    internal int PayloadBytes => _payloadBytes;

    internal int Qos => _terms.Qos;

    internal ushort PacketId { get; set; }

    internal PublicationState State { get; set; }

    /// <summary>Consecutive connections that the server ended while this was its oldest unanswered message.</summary>
    internal int Endings { get; set; }

    internal bool UsesQuota { get; set; }

    internal bool IsDue { get; set; }

    internal Publication? Earlier { get; set; }

    internal Publication? Later { get; set; }

    internal bool IsGivenUp => Volatile.Read(ref _ended) != 0;

    internal ValueTask Done => new(this, _core.Version);

    /// <summary>Locks the pool.</summary>
    internal static Publication Rent(Stack<Publication> pool)
    {
        lock (pool) { return pool.TryPop(out var one) ? one : new(pool); }
    }

    internal void Fill(string topic, in ReadOnlySequence<byte> payload, in PublishTerms terms, CancellationToken cancellation)
    {
        var length = checked((int)payload.Length);
        _bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(topic.Length) + length);
        _topicBytes = Encoding.UTF8.GetBytes(topic, _bytes);
        _payloadBytes = length;
        payload.CopyTo(_bytes.AsSpan(_topicBytes));
        (TopicText, _terms) = (topic, terms);
        (PacketId, State, UsesQuota, IsDue, Endings, _failure) = (0, PublicationState.Waiting, false, false, 0, null);
        (Earlier, Later) = (null, null);
        _users = 2;
        _ended = 0;
        _registration = cancellation.CanBeCanceled
            ? cancellation.UnsafeRegister(static (p, token) => ((Publication)p!).End(new OperationCanceledException(token)), this)
            : default;
    }

    /// <summary>Completes the call, but never on this thread.</summary>
    internal void End(Exception? failure)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) { return; }
        _failure = failure;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    internal void Release() => Leave();

    internal void Drop(TransportException? failure)
    {
        End(failure);
        Release();
    }

    internal TransportException Refused(MqttReason reason) => new(
        $"the server refused a message of {PayloadBytes} bytes to '{TopicText}': {reason}"
        + (reason == MqttReason.PacketTooLarge ? ", which exceeds its limit (mosquitto: message_size_limit)" : ""),
        isTransient: reason is MqttReason.QuotaExceeded or MqttReason.UnspecifiedError);

    internal TransportException Unanswered() => new(
        $"the server ended {Endings} connections in a row instead of answering a message of {PayloadBytes} bytes to '{TopicText}'; it "
        + "may exceed the server's limit, or not be permitted", isTransient: false);

    /// <summary>Answers come in order, so one that skips an older message is no progress for that message.</summary>
    internal bool IsProgress(PacketType type) => type == PacketType.PubRec
        ? this is { State: PublicationState.Sent, Earlier: not { State: PublicationState.Sent } }
        : Earlier is null;

    public void Execute()
    {
        if (_failure is { } failure) { _core.SetException(failure); }
        else { _core.SetResult(true); }
    }

    public void GetResult(short token)
    {
        try { _core.GetResult(token); }
        finally
        {
            _registration.Dispose();
            Leave();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) != 0) { return; }
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _core.Reset();
        lock (pool) { pool.Push(this); }
    }
}
