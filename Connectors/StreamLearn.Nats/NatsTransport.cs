using System.Buffers;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>Carries messages over a NATS server. It connects in the background, begins while the server is away, and connects again, to the
/// next server of the cluster where there are several.</summary>
/// <remarks>
/// Messages go as the core of NATS carries them, at most once: to whoever subscribes while they pass. Publishing is done when the message
/// is written; a subscription that is too slow loses the oldest messages, each counted. Topics are subjects: <c>/</c> is <c>.</c>, <c>+</c>
/// is <c>*</c>, a last <c>#</c> is <c>&gt;</c>, other characters that a subject cannot have are escaped by <c>%</c>. Source: NATS client
/// protocol.
/// </remarks>
public sealed class NatsTransport : ITransport
{
    private const string Shared = "$share/";
    private readonly NatsConnection _connection;
    private readonly EnvelopeNames _names = new();
    private readonly TopicBytes _subjects = new(static topic => Encoding.UTF8.GetBytes(NatsTopic.ToSubject(new(topic))));
    private readonly Lock _lock = new();
    private TransportSubscription[] _subscriptions = [];
    private bool _isDisposed;

    /// <summary>Makes a transport; it connects when something is published or subscribed to.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="time">The clock of deadlines and waits; null: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NatsTransport(NatsOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _connection = new(options, time ?? TimeProvider.System);
    }

    /// <inheritdoc />
    public string Name => _connection.Name;

    /// <summary>256: messages keep their order, as they are written by one connection.</summary>
    public int MaxInFlight => 256;

    /// <summary>What it is doing.</summary>
    public NatsStatus Status
    {
        get
        {
            var subscriptions = Volatile.Read(ref _subscriptions).Select(static s => s.Status);
            lock (_connection.Gate)
            {
                var counters = _connection.Counters;
                return new()
                {
                    Server = _connection.Server is { } server ? $"{server.ServerName} {server.Version}" : "",
                    Connects = counters.Connects,
                    Losses = counters.Losses,
                    Received = counters.Received,
                    Published = counters.Published,
                    Malformed = counters.Malformed,
                    SlowConsumer = counters.SlowConsumer,
                    UnsentBytes = _connection.Output.Count,
                    LastFault = counters.LastFault,
                    Subscriptions = [.. subscriptions],
                };
            }
        }
    }

    /// <summary>Publishes a message. Done when it was written. Waits for the server while it is away, and for space.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The topic has wildcards, its subject has more than about 4 KiB, or properties are more than
    /// headers hold.</exception>
    /// <exception cref="TransportException">It is to be kept for later subscribers, which needs a stream; it is larger than the server
    /// takes; or there will never be a connection.</exception>
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (topic.Value is null) { throw new ArgumentException("expected a topic, got default(Topic), which has no text", nameof(topic)); }
        if (topic.IsFilter) { throw new ArgumentException($"expected a topic without wildcards, got '{topic}'", nameof(topic)); }
        if (options.Retain)
        {
            throw new TransportException($"'{topic}': a message is kept for later subscribers by a stream alone", isTransient: false);
        }

        byte[] subject;
        lock (_lock) { subject = _subjects.Of(topic.Value); }
        return Envelope.IsOn(topic) ? PublishOwn(topic, subject, payload, options, cancellationToken)
            : Publish(options.Properties, subject, default, payload, cancellationToken);
    }

    /// <summary>Subscribes at once; reading may begin later. A filter <c>$share/group/filter</c> shares its messages with the others of the
    /// group.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The filter of a group lacks the group's name or what is after it, or the filter's subject has
    /// more than about 4 KiB; thrown at once.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: there will never be a connection.</exception>
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

        var (group, own) = GroupOf(filter);
        var subscription = new TransportSubscription(_connection, own, group, options, _names);
        lock (_lock) { _subscriptions = [.. _subscriptions, subscription]; }
        return subscription.ReadAsync(cancellationToken);
    }

    /// <summary>Tells when a server has accepted a connection, and when it is lost or no server can be reached, for as long as the
    /// transport lives. Tries in between are not told.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        _connection.Heard.ReadAsync(cancellationToken);

    /// <summary>Ends the connection when what was published is written.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isDisposed) { return default; }
            _isDisposed = true;
        }

        return _connection.DisposeAsync();
    }

    /// <summary>Publishes with an envelope. Apart, as its space costs time.</summary>
    private ValueTask PublishOwn(Topic topic, byte[] subject, in ReadOnlySequence<byte> payload, in PublishOptions options,
        CancellationToken cancellationToken)
    {
        Span<byte> envelope = stackalloc byte[Envelope.MaxHeaderBytes];
        var length = Envelope.Write(Envelope.Of(topic, options, _connection.Time.GetUtcNow(), _names), payload, envelope);
        return Publish(options.Properties, subject, envelope[..length], payload, cancellationToken);
    }

    private ValueTask Publish(MessageProperties? properties, byte[] subject, ReadOnlySpan<byte> envelope,
        in ReadOnlySequence<byte> payload, CancellationToken cancellationToken) => properties is null
            ? _connection.PublishAsync(subject, default, default, envelope, payload, cancellationToken)
            : PublishWith(properties, subject, envelope, payload, cancellationToken);

    private ValueTask PublishWith(MessageProperties properties, byte[] subject, ReadOnlySpan<byte> envelope,
        in ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        var headers = new ArrayBufferWriter<byte>();
        NatsProperties.Write(properties, headers);
        byte[] reply = [];
        if (properties.ResponseTopic is { } response)
        {
            var topic = new Topic(response);
            if (topic.IsFilter) { throw new ArgumentException($"expected a response topic without wildcards, got '{response}'"); }
            lock (_lock) { reply = _subjects.Of(response); }
        }

        return _connection.PublishAsync(subject, reply, headers.WrittenSpan, envelope, payload, cancellationToken);
    }

    private static (byte[] Group, Topic Filter) GroupOf(Topic filter)
    {
        if (!filter.Value.StartsWith(Shared, StringComparison.Ordinal)) { return ([], filter); }
        var end = filter.Value.IndexOf('/', Shared.Length);
        var group = end < 0 ? "" : filter.Value[Shared.Length..end];
        if (end < 0 || end == filter.Value.Length - 1 || NatsSubject.GroupFault(Encoding.UTF8.GetBytes(group)) is not null)
        {
            throw new ArgumentException($"expected $share/group/filter, got '{filter}'", nameof(filter));
        }

        return (Encoding.UTF8.GetBytes(group), new(filter.Value[(end + 1)..]));
    }
}
