using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Carries messages over an MQTT server. It connects in the background, begins while the server is away, and connects
/// again.</summary>
/// <remarks>
/// One session publishes; each subscription has one of its own, with the subscription's capacity as its receive maximum. A message of QoS 1
/// or 2 is acknowledged to the server when the pipeline is done with it. Source: MQTT 5.0 and 3.1.1, OASIS.
/// </remarks>
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

    /// <summary>Makes a transport; it connects when something is published or subscribed to.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="time">The clock of deadlines and waits; null: the system's.</param>
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

    /// <summary><see cref="MqttOptions.PublishInFlight"/>; of what the server allows less, the rest waits in order.</summary>
    public int MaxInFlight => _options.MaxInFlight;

    /// <summary>What the sessions are doing.</summary>
    public MqttStatus Status => new(_publishing.Status(), [.. Volatile.Read(ref _subscriptions).Select(s => s.Link.Status())]);

    private static int SubscribeCapacity => 1;          // the session that publishes subscribes to nothing

    /// <summary>Publishes a message. Done when the server confirmed it; at QoS 0 when it was written. Waits for the server while it is
    /// away, and for subscriptions that were made before: for each no longer than <see cref="MqttOptions.ReplyDeadline"/> of a server that
    /// is there and does not answer it.</summary>
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

    /// <summary>Subscribes at once, at the QoS of the options; reading may begin later. A filter <c>$share/group/filter</c> shares its
    /// messages with the others of the group. A subscription that has ended leaves its session to the next one with its filter.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The filter of a group lacks the group's name or what is after it; thrown at once.</exception>
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

    /// <summary>Tells when a session is connected, and when its connection is lost or the server cannot be reached, for as long as the
    /// transport lives. Tries in between are not told, nor is the end of a session that nobody needs any more.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) => _news.ReadAsync(cancellationToken);

    /// <summary>Ends all sessions: what is acknowledged is sent, and the server is told.</summary>
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

    /// <summary>Apart, as what it captures costs an allocation.</summary>
    private ValueTask PublishLaterAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        _first.ThenAsync(() => Publish(topic, payload, options, cancellationToken), cancellationToken);
}
