using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Carries messages over an MQTT server. It connects and reconnects in the background.</summary>
/// <remarks>One session publishes; each subscription has its own session, with its capacity as the receive maximum. QoS 1 and 2 messages
/// are acknowledged once the pipeline has processed them. Source: MQTT 5.0 and 3.1.1, OASIS.</remarks>
public sealed class MqttTransport : ITransport
{
    private readonly Lock _lock = new();
    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly string _clientId;
    private readonly bool _forgets;
    private readonly Link _publishing;
    private readonly ConnectionNews _news = new();
    private readonly uint? _expirySeconds;
    private LinkSubscription[] _subscriptions = [];
    private readonly SubscribedFirst _first = new();
    private bool _isDisposed;

    /// <summary>Creates a transport, which connects at the first publication or subscription.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock for deadlines and delays; null: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public MqttTransport(MqttOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.Check(options);
        _options = options;
        _time = time ?? TimeProvider.System;
        _forgets = options.ClientId.Length == 0;
        _clientId = _forgets ? $"sl-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}" : options.ClientId;
        _expirySeconds = options.PublishExpiry is { } useful ? (uint)Math.Clamp(Math.Ceiling(useful.TotalSeconds), 0, uint.MaxValue) : null;
        Name = Connector.Place(options);
        _publishing = Open(_clientId, SubscribeCapacity, options.Will, request: null);
        MqttInstruments.Add(this);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary><see cref="MqttOptions.PublishInFlight"/>; if the server allows fewer, the rest waits in order.</summary>
    public int MaxInFlight => _options.MaxInFlight;

    /// <summary>The sessions' current status.</summary>
    public MqttStatus Status => new(_publishing.Status(), [.. Volatile.Read(ref _subscriptions).Select(s => s.Link.Status())]);

    private static int SubscribeCapacity => 1;          // the publishing session has no subscriptions

    /// <summary>Publishes a message. Completes when the server has confirmed it; at QoS 0, when it is written. Waits while disconnected,
    /// and for earlier subscriptions, each at most <see cref="MqttOptions.ReplyDeadline"/> while the server is connected.</summary>
    /// <inheritdoc />
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (topic.Value is null) { throw new ArgumentException("expected a topic, got default(Topic), which has no text", nameof(topic)); }
        if (topic.IsFilter) { throw new ArgumentException($"expected a topic without wildcards, got '{topic}'", nameof(topic)); }
        if (options.Properties?.ResponseTopic?.AsSpan().ContainsAny('+', '#') == true)
        {
            throw new ArgumentException("expected a response topic without wildcards [MQTT-3.3.2-14]", nameof(options));
        }

        return _first.IsClear
            ? Publish(topic, payload, options, cancellationToken)
            : PublishLaterAsync(topic, payload, options, cancellationToken);
    }

    /// <summary>Subscribes at once with the QoS of the options; reading can start later. With a filter <c>$share/group/filter</c>, messages
    /// are shared within the group. The session of an ended subscription is used by the next one with its filter.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The filter of a group lacks the name or the filter; thrown at once.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: the server refused.</exception>
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, 65535);
        if (filter.Value is null)
        {
            throw new ArgumentException("expected a topic filter, got default(Topic), which has no text", nameof(filter));
        }

        options.RequireOf(Name, hasGroups: true);
        if (options.Group is { } group) { filter = new($"$share/{group}/{filter}"); }
        if (PacketText.FilterFault(Encoding.UTF8.GetBytes(filter.Value)) is { } fault)
        {
            throw new ArgumentException($"{fault.Text}, got '{filter}'", nameof(filter));
        }

        LinkSubscription subscription;
        Link? before;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var isCanceled = cancellationToken.IsCancellationRequested;
            var at = Array.FindIndex(_subscriptions,
                s => s.Name == options.Name && (isCanceled || !s.IsReserved) && s.Link.HasEnded(filter.Value));
            if (at >= 0 && isCanceled) { return AsyncEnumerable.Empty<Message>(); }
            before = at < 0 ? null : _subscriptions[at].Link;
            if (at < 0) { at = _subscriptions.Length; }
            var number = options.Name ?? (at + 1).ToString(CultureInfo.InvariantCulture);
            var request = new FilterRequest(filter.Value, (byte)_options.SubscribeQos, RetainAsPublished: false);
            var link = Open($"{_clientId}.{number}", options.Capacity, will: null, request, options.Durable);
            subscription = new(link) { Name = options.Name, IsReserved = isCanceled };
            _subscriptions = [.. _subscriptions[..at], subscription, .. _subscriptions.Skip(at + 1)];
        }

        if (subscription.IsReserved)
        {
            subscription.Link.End();
            return AsyncEnumerable.Empty<Message>();
        }

        _first.Await(subscription.Link.Awaited);
        subscription.Link.Begin(before);
        return subscription.ReadAsync(cancellationToken);
    }

    /// <summary>Reports, for the lifetime of the transport, when a session connects, and when its connection is lost or the server is
    /// unreachable. Retries and the end of sessions no longer needed are not reported.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) => _news.ReadAsync(cancellationToken);

    /// <summary>Ends all sessions: sends acknowledgements and disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed) { return; }
            _isDisposed = true;
        }

        MqttInstruments.Remove(this);
        await Task.WhenAll(_subscriptions.Select(s => s.Link.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _publishing.DisposeAsync().ConfigureAwait(false);
        _news.End();
    }

    private Link Open(string clientId, int capacity, MqttWill? will, FilterRequest? request, bool isDurable = true) => new(
        _options,
        new()
        {
            Version = _options.Version,
            ClientId = clientId,
            CleanStart = _options.CleanStart || !isDurable,
            SessionExpirySeconds = _options.CleanStart || !isDurable
                ? 0 : (uint)Math.Ceiling(_options.SessionExpiry.TotalSeconds),
            KeepAlive = (long)_options.KeepAlive.TotalMilliseconds,
            ConnectDeadline = (long)_options.ConnectDeadline.TotalMilliseconds,
            ReplyDeadline = (long)_options.ReplyDeadline.TotalMilliseconds,
            Capacity = capacity,
            TakesMessages = request is not null,
            MaximumPacketBytes = _options.MaximumPacketBytes,
            PublishInFlight = _options.MaxInFlight,
            Will = will,
        },
        request, _forgets || !isDurable, new(Name, clientId, request?.Filter, _news),
        _time, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));

    private ValueTask Publish(
        Topic topic, in ReadOnlySequence<byte> payload, in PublishOptions options, CancellationToken cancellationToken)
    {
        _publishing.Begin();
        var terms = new PublishTerms(_options.PublishQos, options.Retain, _expirySeconds, options.Properties);
        return _publishing.Publisher.PublishAsync(topic, payload, terms, cancellationToken);
    }

    /// <summary>A separate method, because its captures allocate.</summary>
    private ValueTask PublishLaterAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        _first.ThenAsync(() => Publish(topic, payload, options, cancellationToken), cancellationToken);
}
