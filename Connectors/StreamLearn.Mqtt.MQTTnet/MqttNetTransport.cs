using System.Buffers;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Carries messages over an MQTTnet client that the application connects, reconnects and disposes. Publications wait while it is
/// disconnected.</summary>
/// <remarks>All publications and subscriptions share the client's session. QoS 1 messages are acknowledged in order once the pipeline has
/// processed them. Start pipelines before the client connects, because MQTTnet acknowledges messages without a subscriber.</remarks>
public sealed class MqttNetTransport : ITransport
{
    private const int MaxHeld = 65_535, MaxHeldBytes = 64 << 20, AllowedByDefault = 65_535;
    private static readonly TimeSpan ReplyDeadline = TimeSpan.FromSeconds(30);
    private static readonly CancellationTokenSource Never = new();      // without a token MQTTnet uses one that may cancel a write

    private readonly IMqttClient _client;
    private readonly MqttNetOptions _options;
    private readonly TimeProvider _time;
    private readonly Publications _publications;
    private readonly SubscribedFirst _first = new();
    private ClientSubscription[] _subscriptions = [];
    private Acknowledgements _connection;
    private (long Connects, long Received, long Again, long Held, long HeldBytes, long Left, long Dropped, long Malformed) _counts;
    private string _lastFault = "";
    private bool _isUp, _isDisposed;

    /// <summary>Creates a transport; the application keeps the client.</summary>
    /// <param name="client">The client. If it is already connected, publications are sent one at a time until it reconnects, because the
    /// server's limit is unknown.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <param name="time">The clock for deadlines; null: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public MqttNetTransport(IMqttClient client, MqttNetOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        (_client, _options, _time, _connection) = (client, options ?? new(), time ?? TimeProvider.System, new(Gate));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)_options.SubscribeQos, 1u, nameof(options.SubscribeQos));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)_options.PublishQos, 1u, nameof(options.PublishQos));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)_options.PublishInFlight - 1, 65_534u, nameof(options.PublishInFlight));
        _publications = new(client, Gate, _options);
        client.ConnectingAsync += OnConnectingAsync;
        client.ConnectedAsync += OnConnectedAsync;
        client.DisconnectedAsync += OnDisconnectedAsync;
        client.ApplicationMessageReceivedAsync += OnMessageAsync;
        lock (Gate)
        {
            if (client.IsConnected && !_isUp) { Begin(isKept: false, allowed: 1); }
        }
    }

    /// <inheritdoc />
    public string Name => _options.Name;

    /// <summary><see cref="MqttNetOptions.PublishInFlight"/>; if the server allows fewer, the rest waits in order.</summary>
    public int MaxInFlight => _options.PublishInFlight;

    /// <summary>The current status.</summary>
    public MqttNetStatus Status
    {
        get
        {
            lock (Gate)
            {
                var (c, (p, inFlight, waiting)) = (_counts, _publications.Status);
                return new(_isUp && _client.IsConnected, c.Connects, p.Published, p.WithoutSubscriber, p.SentAgain, inFlight, waiting,
                    c.Received, c.Again, c.Held, c.Left, c.Dropped + p.Lost, c.Malformed, _lastFault);
            }
        }
    }

    private Lock Gate { get; } = new();

    /// <summary>Publishes a message. Completes when the server has confirmed it; at QoS 0, when it is written. Waits while disconnected,
    /// and for earlier subscriptions. A canceled message may have been published.</summary>
    /// <inheritdoc />
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (topic.Value is null || topic.IsFilter || options.Properties?.ResponseTopic?.AsSpan().ContainsAny('+', '#') == true)
        {
            throw new ArgumentException($"expected topics without wildcards, got '{topic}'", nameof(topic));
        }

        var said = options.Properties ?? new();
        var publication = new ClientPublication(new()
        {
            Topic = topic.Value,
            Payload = new(payload.ToArray()),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)_options.PublishQos,
            Retain = options.Retain,
            ContentType = said.ContentType,
            ResponseTopic = said.ResponseTopic,
            CorrelationData = said.CorrelationData.IsEmpty ? null : said.CorrelationData.ToArray(),
            UserProperties = said.User.IsEmpty ? null
                : [.. said.User.Select(static u => new MqttUserProperty(u.Key, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(u.Value)))],
        });
        return _first.IsClear
            ? _publications.PublishAsync(publication, cancellationToken)
            : _first.ThenAsync(() => _publications.PublishAsync(publication, cancellationToken), cancellationToken);
    }

    /// <summary>Subscribes at once, or when the client connects; reading can start later.</summary>
    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The client is connected with a kept session, whose messages may already be
    /// acknowledged.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: the server refused, or did not answer within 30 s.</exception>
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(filter.Value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.Capacity - 1, 65_534u, nameof(options.Capacity));
        options.RequireOf(Name, hasGroups: true);
        var text = options.Group is null ? filter.Value : $"$share/{options.Group}/{filter}";
        var matches = text.StartsWith("$share/", StringComparison.Ordinal) ? text[(text.IndexOf('/', 7) + 1)..] : text;
        if (cancellationToken.IsCancellationRequested) { return AsyncEnumerable.Empty<Message>(); }
        var subscription = new ClientSubscription(this, text, matches, options);
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_client.IsConnected && Keeps(subscription))
            {
                throw new InvalidOperationException($"expected a subscription to '{text}' before the client connects, or with Durable = "
                    + "false: MQTTnet may already have acknowledged messages of a persistent session");
            }

            _subscriptions = [.. _subscriptions.Where(s => !s.HasEnded || s.Filter != text), subscription];
            _first.Await(subscription.Answered);
            if (_isUp) { _ = SubscribeAsync(subscription, _connection); }
        }

        return subscription.ReadAsync(cancellationToken);
    }

    /// <summary>Ends all subscriptions and writes acknowledgements; the client is unchanged. Later settlements, and messages for
    /// subscriptions kept by its session, are not acknowledged.</summary>
    public async ValueTask DisposeAsync()
    {
        Acknowledgements connection;
        lock (Gate)
        {
            if (_isDisposed) { return; }
            (_isDisposed, connection) = (true, _connection);
            _publications.End();
        }

        Array.ForEach(_subscriptions, static s => s.End());
        using var late = new CancellationTokenSource(ReplyDeadline, _time);
        await connection.Sending.WaitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Gate) { End(); }                              // while connected, because later settlements reach no connection
        _client.ConnectingAsync -= OnConnectingAsync;
        _client.ConnectedAsync -= OnConnectedAsync;
        _client.DisconnectedAsync -= OnDisconnectedAsync;
        if (!Array.Exists(_subscriptions, Keeps)) { _client.ApplicationMessageReceivedAsync -= OnMessageAsync; }
    }

    internal void Settle(ClientArrival arrival, bool isRefused)
    {
        lock (Gate)
        {
            var isKept = arrival.Connection is not null && _client.Options?.CleanSession == false;
            _counts.Dropped += isRefused && !isKept ? 1 : 0;
            arrival.IsRefused |= isRefused && isKept;       // otherwise no server sends it again, and it would block the receive window
            if (--arrival.Readers > 0) { return; }
            (_counts.Held, _counts.HeldBytes) = (_counts.Held - 1, _counts.HeldBytes - arrival.Args.ApplicationMessage.Payload.Length);
            _counts.Left += arrival.IsRefused || arrival.Connection is { IsOver: true } ? 1 : 0;
            arrival.Connection?.Advance();
        }
    }

    /// <summary>Ends a subscription; messages of a kept session are left to its next connection.</summary>
    internal void Leave(ClientSubscription subscription)
    {
        lock (Gate)
        {
            var isShared = Array.Exists(_subscriptions, s => s != subscription && s.Filter == subscription.Filter);
            if (Keeps(subscription) && !isShared) { return; }
            _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
            if (!isShared && _client.IsConnected) { _ = UnsubscribeAsync(subscription.Filter); }
        }
    }

    private bool Keeps(ClientSubscription subscription) => subscription.IsDurable && _client.Options?.CleanSession == false;

    private Task InGate(Action change)
    {
        lock (Gate) { change(); }
        return Task.CompletedTask;
    }

    private Task OnConnectingAsync(MqttClientConnectingEventArgs args) => InGate(End);

    private Task OnConnectedAsync(MqttClientConnectedEventArgs args) =>
        InGate(() =>
        Begin(args.ConnectResult.IsSessionPresent, args.ConnectResult.ReceiveMaximum is { } most and > 0 ? most : AllowedByDefault));

    private Task OnDisconnectedAsync(MqttClientDisconnectedEventArgs args) => InGate(() =>
    {
        // without the exception's message, which may contain output of the login callback
        _lastFault = args.ConnectResult is { ResultCode: not MqttClientConnectResultCode.Success and var code } ? $"refused: {code}"
            : $"ended: {(args.Exception is { } e ? Dialer.Cause(e.GetBaseException()) : args.Reason)}";
        if (_isUp && !_client.IsConnected) { End(); }       // the event may be late, after a reconnect
    });

    private void Begin(bool isKept, int allowed)
    {
        if (_isUp) { End(); }
        (_isUp, _counts.Connects) = (true, _counts.Connects + 1);
        _ = RestoreAsync(_connection, isKept, allowed);
    }

    private void End()
    {
        _publications.Pause();
        _connection.IsOver = true;
        (_isUp, _connection) = (false, new(Gate));
    }

    private async Task RestoreAsync(Acknowledgements connection, bool isKept, int allowed)
    {
        // a kept session has the answered subscriptions; repeating them would send retained messages again
        var missing = _subscriptions.Where(s => !s.HasEnded && !(isKept && s.Answered.IsCompleted));
        await Task.WhenAll(missing.Select(s => SubscribeAsync(s, connection))).ConfigureAwait(false);
        lock (Gate)
        {
            if (_isUp && _connection == connection) { _publications.Resume(allowed); }
        }
    }

    private async Task SubscribeAsync(ClientSubscription subscription, Acknowledgements connection)
    {
        var qos = (MqttQualityOfServiceLevel)_options.SubscribeQos;
        MqttTopicFilter filter = new() { Topic = subscription.Filter, QualityOfServiceLevel = qos };
        try
        {
            Task<MqttClientSubscribeResult> asked;
            lock (Gate)
            {
                if (!_isUp || _connection != connection) { return; }
                asked = _client.SubscribeAsync(new() { TopicFilters = [filter] }, Never.Token);
            }

            var code = (await asked.WaitAsync(ReplyDeadline, _time).ConfigureAwait(false)).Items.First().ResultCode;
            if ((int)code < 128) { subscription.Grant(); }
            else { subscription.Fail($"the server refused it: {code}"); }
        }
        catch (Exception fault)
        {
            _lastFault = $"no answer to the subscription '{filter.Topic}': {fault.GetType().Name}";
            if (fault is TimeoutException) { subscription.Fail("no answer came in time", isTransient: true); }
            else if (!Publications.IsOfConnection(fault)) { subscription.Fail(fault.Message); }
        }
    }

    private async Task UnsubscribeAsync(string filter)
    {
        Task asked = _client.UnsubscribeAsync(new() { TopicFilters = [filter] }, Never.Token);
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task OnMessageAsync(MqttApplicationMessageReceivedEventArgs args) => InGate(() =>
    {
        var (message, bytes) = (args.ApplicationMessage, args.ApplicationMessage.Payload.Length);
        var connection = message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce ? null : _connection;
        var arrival = new ClientArrival(this, connection, args);
        var isMessage = arrival.TryRead();
        var takers = Array.FindAll(_subscriptions, s => arrival.Topic.Value is null || s.Matches.Matches(arrival.Topic));
        if (takers.Length == 0) { return; }
        args.AutoAcknowledge = false;
        _counts.Received++;
        _counts.Again += message.Dup ? 1 : 0;
        if (_isDisposed || _counts.Held >= MaxHeld || _counts.HeldBytes + bytes > MaxHeldBytes)
        {
            (_counts.Left, _counts.Dropped) = (_counts.Left + (connection is null ? 0 : 1), _counts.Dropped + (connection is null ? 1 : 0));
            return;
        }

        connection?.Add(arrival);
        (_counts.Held, _counts.HeldBytes, arrival.Readers) = (_counts.Held + 1, _counts.HeldBytes + bytes, takers.Length);
        _counts.Malformed += isMessage ? 0 : 1;
        foreach (var taker in takers)
        {
            if (!isMessage || !taker.TryAdd(arrival)) { Settle(arrival, isRefused: isMessage); }
        }
    });
}
