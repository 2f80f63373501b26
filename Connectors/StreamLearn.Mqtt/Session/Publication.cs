using System.Buffers;
using System.Text;
using System.Threading.Tasks.Sources;

namespace StreamLearn.Mqtt;

/// <summary>Where a publication stands.</summary>
internal enum PublicationState : byte
{
    /// <summary>Not sent over any connection of this session.</summary>
    Waiting,

    /// <summary>PUBLISH was sent; PUBACK or PUBREC is expected.</summary>
    Sent,

    /// <summary>PUBREC has come; PUBCOMP is expected.</summary>
    Recorded,
}

/// <summary>How a message is published.</summary>
internal readonly record struct PublishTerms(int Qos, bool Retain = false, uint? ExpirySeconds = null, MessageProperties? Properties = null)
{
    /// <summary>The packet of a message.</summary>
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

/// <summary>
/// A message that is published: its own copy of the bytes until the server has confirmed it, and the call that waits for that. Used again
/// when both are done with it.
/// </summary>
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

    /// <summary>Its packet, without an alias.</summary>
    internal OutgoingPublish Packet => _terms.Packet(_bytes.AsSpan(0, _topicBytes), new(_bytes, _topicBytes, _payloadBytes));

    internal int PayloadBytes => _payloadBytes;

    internal int Qos => _terms.Qos;

    internal ushort PacketId { get; set; }

    internal PublicationState State { get; set; }

    /// <summary>Connections in a row that the server has ended while this one was the oldest that it had not answered.</summary>
    internal int Endings { get; set; }

    /// <summary>True if it uses send quota of this connection.</summary>
    internal bool UsesQuota { get; set; }

    /// <summary>True if it was sent over an earlier connection and has to be sent again over this one.</summary>
    internal bool IsDue { get; set; }

    internal Publication? Earlier { get; set; }

    internal Publication? Later { get; set; }

    /// <summary>Nobody waits for it any more.</summary>
    internal bool IsGivenUp => Volatile.Read(ref _ended) != 0;

    /// <summary>The call that waits for it.</summary>
    internal ValueTask Done => new(this, _core.Version);

    /// <summary>Takes a publication from the pool, or makes one; the pool is locked for it.</summary>
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

    /// <summary>The waiting call ends; its code never runs on the caller's thread.</summary>
    internal void End(Exception? failure)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) { return; }
        _failure = failure;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>The session needs it no more.</summary>
    internal void Release() => Leave();

    /// <summary>Ends the call that waits for it; the session needs it no more.</summary>
    internal void Drop(TransportException? failure)
    {
        End(failure);
        Release();
    }

    /// <summary>What the server's refusal of it is told as.</summary>
    internal TransportException Refused(MqttReason reason) => new(
        $"the server refused a message of {PayloadBytes} bytes to '{TopicText}': {reason}"
        + (reason == MqttReason.PacketTooLarge ? ", more than it takes (mosquitto: message_size_limit)" : ""),
        isTransient: reason is MqttReason.QuotaExceeded or MqttReason.UnspecifiedError);

    /// <summary>What the server's ending of connections, instead of an answer, is told as.</summary>
    internal TransportException Unanswered() => new(
        $"the server ended {Endings} connections in a row instead of answering a message of {PayloadBytes} bytes to '{TopicText}'; "
        + "it may be larger than the server takes, or not allowed", isTransient: false);

    /// <summary>Answers come in the order of what they answer: one that passes an older message over says nothing of that.</summary>
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
        try
        {
            _core.GetResult(token);
        }
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
