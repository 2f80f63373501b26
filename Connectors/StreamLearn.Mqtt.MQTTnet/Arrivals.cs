using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace StreamLearn.Mqtt;

/// <summary>A message until all its subscriptions have settled it. No connection: the message is QoS 0.</summary>
internal sealed class ClientArrival(MqttNetTransport transport, Acknowledgements? connection, MqttApplicationMessageReceivedEventArgs args)
    : IMessageOwner
{
    private readonly MqttApplicationMessage _message = args.ApplicationMessage;
    private MessageProperties? _properties;

    internal Acknowledgements? Connection => connection;

    internal MqttApplicationMessageReceivedEventArgs Args => args;

    internal Topic Topic { get; private set; }              // default: the topic is invalid

    internal int Readers { get; set; }

    internal bool IsRefused { get; set; }

    public void Acknowledge(long id) => transport.Settle(this, isRefused: false);

    public void Refuse(long id, string reason) => transport.Settle(this, isRefused: true);

    public void Release(long id)
    {
        // its memory is garbage-collected
    }

    /// <summary>Returns false for a string that no server may send, but that MQTTnet accepts.</summary>
    internal bool TryRead()
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
        catch (ArgumentException) { return false; }

        return true;
    }

    internal Message Message(long number) =>
        new(Topic, _message.Payload, new("", number), this, number)
        {
            IsRetained = _message.Retain,
            IsRedelivered = _message.Dup,
            Properties = _properties,
        };
}

/// <summary>A connection's unacknowledged messages. Acknowledges in order, only over that connection. Under the gate.</summary>
/// <remarks>MQTTnet would acknowledge over any connection, where the packet identifier may be another message's. It takes the channel
/// before its first await, so inside the gate.</remarks>
internal sealed class Acknowledgements(Lock gate)
{
    private readonly Queue<ClientArrival> _open = [];

    internal Task Sending { get; private set; } = Task.CompletedTask;

    internal bool IsOver { get; set; }

    internal void Add(ClientArrival arrival) => _open.Enqueue(arrival);

    internal void Advance() => Sending = Sending.IsCompleted ? SendAsync() : Sending;

    private async Task SendAsync()
    {
        await Task.Yield();                                 // releases the gate and the pipeline's thread
        while (true)
        {
            Task sent;
            lock (gate)
            {
                while (_open.TryPeek(out var refused) && refused is { Readers: 0, IsRefused: true }) { _open.Dequeue(); }
                if (IsOver || !_open.TryPeek(out var first) || first.Readers > 0)
                {
                    Sending = Task.CompletedTask;           // while the gate is held: the next settlement starts it again
                    return;
                }

                try { sent = _open.Dequeue().Args.AcknowledgeAsync(CancellationToken.None); }
                catch (InvalidOperationException e) when (e is not ObjectDisposedException) { continue; }   // the application did so itself
                catch (Exception e) { sent = Task.FromException(e); }
            }

            await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!sent.IsCompletedSuccessfully) { IsOver = true; }       // later messages must not be acknowledged before it
        }
    }
}

internal sealed class ClientSubscription(MqttNetTransport transport, string filter, string matches, SubscribeOptions options)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<ClientArrival> _queue = Channel.CreateUnbounded<ClientArrival>();
    private long _number;

    internal string Filter => filter;

    internal Topic Matches { get; } = matches;

    internal bool IsDurable => options.Durable;

    internal bool HasEnded { get; private set; }

    internal Task Answered => _answered.Task;               // completes even if it is never answered

    internal void Grant() => _answered.TrySetResult();

    internal void Fail(string reason, bool isTransient = false)
    {
        _queue.Writer.TryComplete(new TransportException($"no subscription '{filter}': {reason}", isTransient));
        End();
    }

    /// <summary>Returns false if the subscription has ended, or for QoS 0 beyond the capacity.</summary>
    internal bool TryAdd(ClientArrival arrival) =>
        (arrival.Connection is not null || _queue.Reader.Count < options.Capacity) && _queue.Writer.TryWrite(arrival);

    internal void End() => (HasEnded, _) = (true, _queue.Writer.TryComplete() | _answered.TrySetResult());

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
