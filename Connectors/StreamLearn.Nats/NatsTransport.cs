using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>Carries messages over a NATS server. It connects in the background, begins while the server is away, and connects again, to the
/// next server of the cluster where there are several.</summary>
/// <remarks>
/// Topics are subjects: <c>/</c> is <c>.</c>, <c>+</c> is <c>*</c>, a last <c>#</c> is <c>&gt;</c>, other characters that a subject cannot
/// have are escaped by <c>%</c>. Without <see cref="NatsOptions.Keep"/> messages go as the core of NATS carries them, at most once, to
/// whoever subscribes while they pass: publishing is done when the message is written, and a subscription that is too slow loses the
/// oldest messages, each counted. With it, messages of its topics go at least once: publishing is done when the stream has the message, a
/// subscription pulls as many as it has space for, and a message is acknowledged when the pipeline is done with it. One that is published
/// again after a loss of the connection has the message id of before, by which the stream knows it. Source: NATS client protocol;
/// JetStream API.
/// </remarks>
public sealed class NatsTransport : ITransport
{
    private const string Shared = "$share/";
    private const int MaxSource = 256;          // characters of a publisher's name in a message id
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _headers;
    private readonly NatsConnection _connection;
    private readonly NatsKeep? _keep;
    private readonly KeptPlaces? _places;
    private readonly SubscribedFirst _first = new();
    private readonly EnvelopeNames _names = new();
    private readonly TopicBytes _subjects = new(static topic => Encoding.UTF8.GetBytes(NatsTopic.ToSubject(new(topic))));
    private readonly TopicBytes? _retained;
    private readonly Lock _lock = new();
    private TransportSubscription[] _subscriptions = [];
    private int _awaitsPlaces;
    private bool _isDisposed;

    /// <summary>Makes a transport; it connects when something is published or subscribed to.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="time">The clock of deadlines and waits; null: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NatsTransport(NatsOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _connection = new(options, time ?? TimeProvider.System);
        JetStream = new(_connection);
        NatsInstruments.Add(this);
        _keep = options.Keep;
        if (_keep is null) { return; }
        _places = new(JetStream, _keep);
        _retained = new(topic => Encoding.UTF8.GetBytes($"$KV.{_keep.Bucket}.{NatsTopic.ToSubject(new(topic))}"));
    }

    /// <inheritdoc />
    public string Name => _connection.Name;

    /// <summary>Streams, consumers and messages that the server keeps.</summary>
    public NatsJetStream JetStream { get; }

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
                    Server = _connection.Server is { } server ? NatsText.Plain(Shown(server)) : "",
                    HasJetStream = _connection.Server?.JetStream,
                    MaxPayloadBytes = _connection.Server?.MaxPayload,
                    Connects = counters.Connects,
                    Losses = counters.Losses,
                    Received = counters.Received,
                    Published = counters.Published,
                    Malformed = counters.Malformed,
                    SlowConsumer = counters.SlowConsumer,
                    Unconfirmed = _connection.Publisher.Open,
                    Repeated = _connection.Publisher.Repeated,
                    Untaken = counters.Untaken,
                    BytesReceived = counters.BytesIn,
                    BytesSent = counters.BytesOut,
                    UnsentBytes = _connection.Output.Count,
                    TriesAgainIn = _connection.TriesAgainIn,
                    LastFault = NatsText.Plain(counters.LastFault),
                    LastFaultAge = counters.LastFault.Length == 0 ? default
                        : TimeSpan.FromMilliseconds(_connection.Now - counters.LastFaultAt),
                    Subscriptions = [.. subscriptions],
                };
            }
        }
    }

    /// <summary>Publishes a message. Done when the stream that keeps its topic has it, or the bucket where it is retained; where nothing
    /// keeps it, when it was written. Waits for the server while it is away, for space, and for subscriptions that were made
    /// before.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The topic has wildcards, its subject has more than about 4 KiB, or properties are more than
    /// headers hold.</exception>
    /// <exception cref="TransportException">It is to be retained, and there is no <see cref="NatsOptions.Keep"/>; it is larger than the
    /// server takes; a stream refuses it for good; or there will never be a connection.</exception>
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (topic.Value is null) { throw new ArgumentException("expected a topic, got default(Topic), which has no text", nameof(topic)); }
        if (topic.IsFilter) { throw new ArgumentException($"expected a topic without wildcards, got '{topic}'", nameof(topic)); }
        if (options.Retain && _keep is null)
        {
            throw new TransportException(
                $"'{topic}': a message is retained in a bucket, set NatsOptions.Keep for one", isTransient: false);
        }

        if (options.Retain && !_keep!.Retains(topic))
        {
            throw new TransportException($"'{topic}': NatsKeep.Retained has no such topic", isTransient: false);
        }

        if (_places is { IsReady: false } && (options.Retain || _keep!.Keeps(topic))) { AwaitPlaces(); }
        return _first.IsClear ? PublishNow(topic, payload, options, cancellationToken)
            : PublishLaterAsync(topic, payload, options, cancellationToken);
    }

    /// <summary>Subscribes at once; reading may begin later. A filter <c>$share/group/filter</c> is <see cref="SubscribeOptions.Group"/>
    /// with the filter.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The name or the group cannot be such; the filter's subject has more than about 4 KiB; it is to
    /// begin with what was published before, and no stream keeps its topics. Thrown at once.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: there will never be a connection; the server has no JetStream, or
    /// refuses; another consumer has the name.</exception>
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

        options.RequireName();
        var (group, own) = GroupOf(filter, options.Group);
        if (_keep?.Keeps(own) != true) { options.RequireFromNow($"{Name}, '{own}'"); }
        if (cancellationToken.IsCancellationRequested) { return AsyncEnumerable.Empty<Message>(); }
        var subscription = new TransportSubscription(_connection, own, group, options, _names,
            toDeliver => _places?.Open(own, group, options, toDeliver) ?? [],
            ended => { lock (_lock) { _subscriptions = [.. _subscriptions.Where(s => s != ended)]; } });
        lock (_lock) { _subscriptions = [.. _subscriptions, subscription]; }
        if (!subscription.IsThere) { _first.Await(subscription.Begun); }
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

        NatsInstruments.Remove(this);
        return _connection.DisposeAsync();
    }

    /// <summary>Where a server is, its name if it was given one, and its version.</summary>
    private string Shown(ServerInfo server) =>
        $"{_connection.Place}{(server.ServerName == server.ServerId ? "" : $" {server.ServerName}")} {server.Version}";

    /// <summary>What is published waits for stream and bucket in the order of the calls; where they cannot be made, each call says
    /// so.</summary>
    private void AwaitPlaces()
    {
        if (Interlocked.Exchange(ref _awaitsPlaces, 1) != 0) { return; }
        _first.Await(_places!.ReadyAsync(CancellationToken.None).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
    }

    /// <summary>Apart, as what it captures costs an allocation.</summary>
    private ValueTask PublishLaterAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        _first.ThenAsync(() => PublishNow(topic, payload, options, cancellationToken), cancellationToken);

    private ValueTask PublishNow(
        Topic topic, in ReadOnlySequence<byte> payload, in PublishOptions options, CancellationToken cancellationToken)
    {
        byte[] subject;
        lock (_lock) { subject = (options.Retain ? _retained! : _subjects).Of(topic.Value); }
        var isKept = _keep is not null && (options.Retain || _keep.Keeps(topic));
        return Envelope.IsOn(topic) ? PublishOwn(topic, subject, isKept, payload, options, cancellationToken)
            : isKept ? PublishKept(subject, default, payload, options, cancellationToken)
            : Publish(options.Properties, subject, default, payload, cancellationToken);
    }

    /// <summary>Publishes with an envelope. Apart, as its space costs time.</summary>
    private ValueTask PublishOwn(Topic topic, byte[] subject, bool isKept, in ReadOnlySequence<byte> payload, in PublishOptions options,
        CancellationToken cancellationToken)
    {
        Span<byte> envelope = stackalloc byte[Envelope.MaxHeaderBytes];
        var length = Envelope.Write(Envelope.Of(topic, options, _connection.Time.GetUtcNow(), _names), payload, envelope);
        return isKept ? PublishKept(subject, envelope[..length], payload, options, cancellationToken)
            : Publish(options.Properties, subject, envelope[..length], payload, cancellationToken);
    }

    /// <summary>Publishes to the stream, or to the bucket.</summary>
    private ValueTask PublishKept(byte[] subject, ReadOnlySpan<byte> envelope, in ReadOnlySequence<byte> payload, in PublishOptions options,
        CancellationToken cancellationToken)
    {
        if (options.Properties?.ResponseTopic is not null)
        {
            throw new TransportException("a message that a stream keeps cannot say where to answer", isTransient: false);
        }

        if (!_places!.IsReady) { return PublishWhenReadyAsync(subject, envelope.ToArray(), payload, options, cancellationToken); }
        var headers = _headers ??= new(256);
        headers.ResetWrittenCount();
        var writer = new NatsHeaderWriter(headers);
        AddMessageId(ref writer, options.Origin, subject);
        if (options.Retain && envelope.IsEmpty && payload.IsEmpty)
        {
            new NatsPublishOptions { Operation = "PURGE", Replaces = true }.Write(ref writer);
        }

        NatsProperties.Write(options.Properties, ref writer);
        writer.Complete();
        return _connection.Publisher.PublishOnlyAsync(subject, headers.WrittenSpan, envelope, payload, cancellationToken);
    }

    private async ValueTask PublishWhenReadyAsync(byte[] subject, byte[] envelope, ReadOnlySequence<byte> payload, PublishOptions options,
        CancellationToken cancellationToken)
    {
        await _places!.ReadyAsync(cancellationToken).ConfigureAwait(false);
        await PublishKept(subject, envelope, payload, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Names the message by its identity and its subject: a stream takes it once.</summary>
    private static void AddMessageId(ref NatsHeaderWriter writer, in MessageOrigin origin, byte[] subject)
    {
        if (string.IsNullOrEmpty(origin.Source) || origin.Source.Length > MaxSource) { return; }
        Span<byte> id = stackalloc byte[(3 * MaxSource) + 48];
        if (Utf8.TryWrite(id, CultureInfo.InvariantCulture, $"{origin.Epoch}.{origin.Sequence}.{origin.Source}.", out var length))
        {
            writer.Add("Nats-Msg-Id"u8, id[..length], subject);
        }
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

    private static (string Group, Topic Filter) GroupOf(Topic filter, string? named)
    {
        if (named is not null && NatsSubject.GroupFault(Encoding.UTF8.GetBytes(named)) is { } fault)
        {
            throw new ArgumentException($"group: {fault}, got '{named}'");
        }

        if (named is not null || !filter.Value.StartsWith(Shared, StringComparison.Ordinal)) { return (named ?? "", filter); }
        var end = filter.Value.IndexOf('/', Shared.Length);
        var group = end < 0 ? "" : filter.Value[Shared.Length..end];
        if (end < 0 || end == filter.Value.Length - 1 || NatsSubject.GroupFault(Encoding.UTF8.GetBytes(group)) is not null)
        {
            throw new ArgumentException($"expected $share/group/filter, got '{filter}'", nameof(filter));
        }

        return (group, new(filter.Value[(end + 1)..]));
    }
}
