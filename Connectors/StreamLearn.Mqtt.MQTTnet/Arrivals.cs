using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using MQTTnet;

namespace StreamLearn.Mqtt;

/// <summary>A message that came, until all subscriptions that take it are done with it.</summary>
/// <param name="transport">The transport.</param>
/// <param name="connection">The connection over which it is acknowledged; null: it is not, being of QoS 0.</param>
/// <param name="args">What MQTTnet says of it.</param>
internal sealed class ClientArrival(MqttNetTransport transport, Acknowledgements? connection, MqttApplicationMessageReceivedEventArgs args)
    : IMessageOwner
{
    private readonly MqttApplicationMessage _message = args.ApplicationMessage;
    private Envelope _envelope;
    private int _payloadAt;
    private MessageProperties? _properties;

    internal Acknowledgements? Connection => connection;

    internal long Bytes => _message.Payload.Length;

    /// <summary>Its topic; the default: one that no server may send.</summary>
    internal Topic Topic { get; private set; }

    internal int Readers { get; set; }

    internal bool IsRefused { get; set; }

    public void Acknowledge(long id) => transport.Settle(this, isRefused: false);

    public void Refuse(long id, string reason) => transport.Settle(this, isRefused: true);

    public void Release(long id)
    {
        // its memory is the garbage collector's
    }

    public bool TryEnvelope(long id, out Envelope envelope)
    {
        envelope = _envelope;
        return _payloadAt > 0;
    }

    internal Task SendAsync() => args.AcknowledgeAsync(CancellationToken.None);

    /// <summary>Reads it. MQTTnet lets topics and texts through that no server may send.</summary>
    /// <returns>False: it has no valid envelope, or such a text.</returns>
    internal bool TryRead(EnvelopeNames names)
    {
        try
        {
            Topic topic = _message.Topic;
            if (topic.IsFilter) { return false; }
            Topic = topic;
            var (user, data) = (_message.UserProperties ?? [], _message.CorrelationData);
            var hasNone = user.Count == 0 && data is null && _message is { ResponseTopic: null, ContentType: null };
            _properties = hasNone ? null : new()
            {
                User = [.. user.Select(static u => KeyValuePair.Create(u.Name, Encoding.UTF8.GetString(u.ValueBuffer.Span)))],
                CorrelationData = data,
                ResponseTopic = _message.ResponseTopic,
                ContentType = _message.ContentType,
            };
        }
        catch (ArgumentException)
        {
            return false;
        }

        var bytes = _message.Payload.IsSingleSegment ? _message.Payload.FirstSpan : _message.Payload.ToArray();
        return !Envelope.IsOn(Topic) || Envelope.TryRead(bytes, names, out _envelope, out _payloadAt) == EnvelopeFault.None;
    }

    internal Message Message(long number) =>
        new(Topic, _message.Payload.Slice(_payloadAt), _payloadAt > 0 ? _envelope.Origin : new("", number), this, number)
        {
            IsRetained = _message.Retain,
            IsRedelivered = _message.Dup,
            Properties = _properties,
        };
}

/// <summary>What came over one connection and is not acknowledged. Acknowledgements go out in the order of the messages, over that
/// connection or not at all. Under the gate.</summary>
/// <remarks>MQTTnet acknowledges over whatever connection there is, where the packet identifier may be that of another message. It takes
/// the channel before it first waits: inside the gate, where this ends before another connection begins.</remarks>
internal sealed class Acknowledgements(Lock gate)
{
    private readonly Queue<ClientArrival> _open = [];

    /// <summary>Done when all that may be acknowledged is written.</summary>
    internal Task Sending { get; private set; } = Task.CompletedTask;

    internal bool IsOver { get; set; }

    internal void Add(ClientArrival arrival) => _open.Enqueue(arrival);

    /// <summary>A message was settled.</summary>
    internal void Advance()
    {
        if (Sending.IsCompleted) { Sending = SendAsync(); }
    }

    private async Task SendAsync()
    {
        await Task.Yield();                                 // out of the gate and of the pipeline's thread
        while (true)
        {
            Task sent;
            lock (gate)
            {
                while (_open.TryPeek(out var refused) && refused is { Readers: 0, IsRefused: true }) { _open.Dequeue(); }
                if (IsOver || !_open.TryPeek(out var first) || first.Readers > 0)
                {
                    Sending = Task.CompletedTask;           // inside the gate: whoever settles next begins again
                    return;
                }

                sent = _open.Dequeue().SendAsync();
            }

            await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!sent.IsCompletedSuccessfully) { IsOver = true; }       // what came behind it must not be acknowledged before it
        }
    }
}

/// <summary>One subscription, and what waits for its reader.</summary>
internal sealed class ClientSubscription(MqttNetTransport transport, string filter, string matches, SubscribeOptions options)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<ClientArrival> _queue = Channel.CreateUnbounded<ClientArrival>();      // the transport bounds it
    private long _number;

    internal string Filter => filter;

    internal Topic Matches { get; } = matches;

    internal bool IsDurable => options.Durable;

    internal bool HasEnded { get; private set; }

    /// <summary>Done when the server has answered, or will not.</summary>
    internal Task Answered => _answered.Task;

    internal void Answer(string? refusal)
    {
        var text = $"the server refused the subscription '{filter}': {refusal}";
        if (refusal is not null) { _queue.Writer.TryComplete(new TransportException(text, isTransient: false)); }
        _answered.TrySetResult();
    }

    /// <returns>False: it has ended, or the message is of QoS 0 and beyond the capacity: nothing holds the server back.</returns>
    internal bool TryAdd(ClientArrival arrival) =>
        (arrival.Connection is not null || _queue.Reader.Count < options.Capacity) && _queue.Writer.TryWrite(arrival);

    internal void End()
    {
        HasEnded = true;
        _queue.Writer.TryComplete();
        _answered.TrySetResult();
    }

    internal async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static s => ((ClientSubscription)s!).End(), this);
        try
        {
            await foreach (var arrival in _queue.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return arrival.Message(_number++);
            }
        }
        finally
        {
            End();
            while (_queue.Reader.TryRead(out var left)) { transport.Settle(left, isRefused: true); }
            transport.Leave(this);
        }
    }
}
