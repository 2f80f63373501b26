using System.Buffers;
using NATS.Client.Core;
using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

/// <summary>Carries messages over NATS with the client <c>NATS.Client.Core</c>. It connects and reconnects in the background, to the next
/// server of the cluster.</summary>
/// <remarks> Topics map to subjects: <c>/</c> to <c>.</c>, <c>+</c> to <c>*</c>, a last <c>#</c> to <c>&gt;</c>; other unsupported
/// characters are escaped with <c>%</c>. Without <see cref="NatsOptions.Keep"/>, messages are delivered at most once to current
/// subscribers: publishing completes when the message is in the client's buffer, and slow subscriptions lose the oldest messages, which are
/// counted. With it, messages on its topics are delivered at least once: publishing completes when the stream has the message,
/// subscriptions pull as many as they have space for, and messages are acknowledged once the pipeline has processed them. A message resent
/// after a lost connection keeps its ID, so the stream deduplicates it. Source: NATS client protocol; JetStream API. </remarks>
public sealed class NatsTransport : ITransport
{
    private const string Shared = "$share/";
    private const int MaxSource = 256;          // maximum characters of a publisher's name in a message id
    private const int MaxKnown = 1024;
    private readonly NatsLink _link;
    private readonly JetPublisher _publisher;
    private readonly NatsKeep? _keep;
    private readonly KeptPlaces? _places;
    private readonly SubscribedFirst _first = new();
    private readonly Dictionary<string, string> _subjects = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private TransportSubscription[] _subscriptions = [];
    private Task[] _ending = [];            // subscriptions that are ending, which return messages and delete consumers
    private Task _sending = Task.CompletedTask;     // the last message waiting for the client
    private PayloadLease? _lease;                   // a reusable lease
    private int _awaitsPlaces;
    private bool _isDisposed;

    /// <summary>Creates a transport with its own connection, which connects at the first publication or subscription.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock for deadlines and delays; null: the system's.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NatsTransport(NatsOptions options, TimeProvider? time = null)
        : this(new NatsLink((options ?? throw new ArgumentNullException(nameof(options))).Checked(), time ?? TimeProvider.System),
            options.Keep)
    {
    }

    /// <summary>Creates a transport over the connection of an application, which keeps its settings and owner. It connects at the first
    /// publication or subscription.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="keep">JetStream storage; null: none.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NatsTransport(INatsConnection connection, NatsKeep? keep)
        : this(new NatsLink(connection ?? throw new ArgumentNullException(nameof(connection)), TimeProvider.System), keep?.Checked())
    {
    }

    private NatsTransport(NatsLink link, NatsKeep? keep)
    {
        var api = new NatsApi(link);
        (_link, _publisher, _keep) = (link, new(link, api), keep);
        if (keep is not null) { _places = new(link, api, keep); }
        NatsInstruments.Add(this);
    }

    /// <inheritdoc />
    public string Name => _link.Name;

    /// <summary>The client's connection, for requests, streams and key-value buckets. The transport disposes it, unless the application
    /// passed it. Reading it starts connecting.</summary>
    public INatsConnection Connection
    {
        get
        {
            if (!_isDisposed) { _link.Begin(); }
            return _link.Connection;
        }
    }

    /// <summary>256, because one connection keeps the order.</summary>
    public int MaxInFlight => 256;

    /// <summary>The current status.</summary>
    public NatsStatus Status
    {
        get
        {
            var subscriptions = Volatile.Read(ref _subscriptions).Select(static s => s.Status);
            lock (_link.Gate)
            {
                var (counters, server) = (_link.Counters, _link.IsOpen ? _link.Server : null);
                return new()
                {
                    Server = server is null ? "" : PrintableText.Of(Shown(server)),
                    HasJetStream = server?.JetStreamAvailable,
                    MaxPayloadBytes = server?.MaxPayload,
                    Connects = counters.Connects,
                    Losses = counters.Losses,
                    Received = counters.Received,
                    Published = counters.Published,
                    Malformed = counters.Malformed,
                    SlowConsumer = counters.SlowConsumer,
                    Unconfirmed = _publisher.Open,
                    Repeated = _publisher.Repeated,
                    Untaken = counters.Untaken,
                    BytesReceived = counters.BytesIn,
                    BytesSent = counters.BytesOut,
                    TriesAgainIn = server is null && _link.Failure is null ? _link.TriesAgainIn : TimeSpan.Zero,
                    LastFault = counters.LastFault,
                    LastFaultAge = counters.LastFault.Length == 0 ? default
                        : TimeSpan.FromMilliseconds(_link.Now - counters.LastFaultAt),
                    Subscriptions = [.. subscriptions],
                };
            }
        }
    }

    /// <summary>Publishes a message. Completes when its stream or, if it is retained, the bucket has it; without storage, when it is in the
    /// client's buffer. Waits while disconnected, for space, and for earlier subscriptions.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The topic has wildcards, its subject exceeds about 4 KiB, or properties exceed the
    /// headers.</exception>
    /// <exception cref="TransportException">The message is to be retained without <see cref="NatsOptions.Keep"/>, exceeds the server's
    /// limit or is permanently refused, or no connection is possible.</exception>
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (topic.Value is null) { throw new ArgumentException("expected a topic, got default(Topic), which has no text", nameof(topic)); }
        if (topic.IsFilter) { throw new ArgumentException($"expected a topic without wildcards, got '{topic}'", nameof(topic)); }
        if (options.Retain && _keep is null)
        {
            throw new TransportException($"'{topic}': retained messages need a bucket: set NatsOptions.Keep", isTransient: false);
        }

        if (options.Retain && !_keep!.Retains(topic))
        {
            throw new TransportException($"'{topic}': NatsKeep.Retained has no such topic", isTransient: false);
        }

        if (_places is { IsReady: false } && (options.Retain || _keep!.Keeps(topic))) { AwaitPlaces(); }
        return _first.IsClear ? PublishNow(topic, payload, options, cancellationToken)
            : PublishLaterAsync(topic, payload, options, cancellationToken);
    }

    /// <summary>Subscribes at once; reading can start later. A filter <c>$share/group/filter</c> sets
    /// <see cref="SubscribeOptions.Group"/>.</summary>
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The name or group is invalid, the filter's subject exceeds about 4 KiB, or earlier messages are
    /// requested and no stream keeps the topics. Thrown at once.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: no connection is possible, the server has no JetStream or refuses, or
    /// another consumer has the name.</exception>
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

        var (group, own) = GroupOf(filter, options.Group);
        options.RequireOf($"{Name}, '{own}'", hasGroups: true, keepsMessages: _keep?.Keeps(own) == true);
        if (cancellationToken.IsCancellationRequested) { return AsyncEnumerable.Empty<Message>(); }
        var (subject, _) = NatsTopic.Subscription(own);
        NatsText.Require(subject, nameof(filter));
        NatsSubject.RequireLength(subject, group, nameof(filter));
        var subscription = new TransportSubscription(_link, own, group, options,
            toDeliver => _places?.Open(own, group, options, toDeliver) ?? [],
            ended =>
            {
                lock (_lock)
                {
                    _subscriptions = [.. _subscriptions.Where(s => s != ended)];
                    _ending = [.. _ending.Where(static e => !e.IsCompleted), ended.Over];
                }
            });
        lock (_lock) { _subscriptions = [.. _subscriptions, subscription]; }
        if (subscription.Begun is { IsCompleted: false } begun) { _first.Await(begun); }
        return subscription.ReadAsync(cancellationToken);
    }

    /// <summary>Reports, for the lifetime of the transport, when a server accepts a connection, and when it is lost or no server can be
    /// reached. Retries are not reported.</summary>
    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        _link.Heard.ReadAsync(cancellationToken);

    /// <summary>Flushes publications and disconnects; a connection of an application stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        TransportSubscription[] subscriptions;
        Task[] ending;
        lock (_lock)
        {
            if (_isDisposed) { return; }
            (_isDisposed, subscriptions, ending) = (true, _subscriptions, [.. _ending, _sending]);
        }

        NatsInstruments.Remove(this);
        if (_link.Server is not null)
        {
            var ended = Task.WhenAll(ending);
            await ended.WaitAsync(NatsLink.MaxGoodbye).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _link.IsSilent = !ended.IsCompleted;
        }

        await _link.DisposeAsync().ConfigureAwait(false);
        foreach (var subscription in subscriptions) { subscription.End(); }
        _publisher.Dispose();
    }

    internal static TransportException TooLarge(NatsLink link, long bytes) => new(FormattableString.Invariant(
        $"expected at most {link.Server?.MaxPayload} bytes with headers, the server's limit, got {bytes}"), isTransient: false);

    private string Shown(INatsServerInfo server) => $"{_link.Place}{(server.Name == server.Id ? "" : $" {server.Name}")} {server.Version}";

    /// <summary>Publications wait for stream and bucket in order of the calls; each fails if they cannot be created.</summary>
    private void AwaitPlaces()
    {
        if (Interlocked.Exchange(ref _awaitsPlaces, 1) != 0) { return; }
        _first.Await(_places!.ReadyAsync(CancellationToken.None).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
    }

    /// <summary>A separate method, because its captures allocate.</summary>
    private ValueTask PublishLaterAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        _first.ThenAsync(() => PublishNow(topic, payload, options, cancellationToken), cancellationToken);

    private ValueTask PublishNow(
        Topic topic, in ReadOnlySequence<byte> payload, in PublishOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var subject = SubjectOf(topic.Value);
        if (options.Retain) { subject = $"$KV.{_keep!.Bucket}.{subject}"; }
        NatsSubject.RequireLength(subject, _link.Inbox, nameof(topic));
        ClientHeaders? headers = null;
        NatsProperties.Write(options.Properties, ref headers);
        var reply = options.Properties?.ResponseTopic is { } response ? ReplyOf(response) : null;
        var bytes = new NatsPayload(payload);
        if (_link.Server is { } server && bytes.Length > server.MaxPayload) { throw TooLarge(_link, bytes.Length); }
        if (_keep is null || !(options.Retain || _keep.Keeps(topic))) { return Send(subject, bytes, headers, reply, cancellationToken); }
        if (reply is not null)
        {
            throw new TransportException("a message stored by a stream cannot have a reply subject", isTransient: false);
        }

        if (IdOf(options.Origin, subject) is { } id) { (headers ??= new(caseSensitive: true))["Nats-Msg-Id"] = id; }
        if (options.Retain && bytes.Length == 0)
        {
            headers ??= new(caseSensitive: true);
            (headers["KV-Operation"], headers["Nats-Rollup"]) = ("PURGE", "sub");
        }

        return _places!.IsReady ? new(_publisher.PublishAsync(subject, headers, bytes, cancellationToken))
            : PublishWhenReadyAsync(subject, headers, bytes, cancellationToken);
    }

    private async ValueTask PublishWhenReadyAsync(
        string subject, ClientHeaders? headers, NatsPayload payload, CancellationToken cancellationToken)
    {
        await _places!.ReadyAsync(cancellationToken).ConfigureAwait(false);
        await _publisher.PublishAsync(subject, headers, payload, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns identity and subject, for deduplication by the stream.</summary>
    private static string? IdOf(in MessageOrigin origin, string subject) =>
        string.IsNullOrEmpty(origin.Source) || origin.Source.Length > MaxSource ? null : string.Create(CultureInfo.InvariantCulture,
            $"{origin.Epoch}.{origin.Sequence}.{NatsProperties.Escaped(origin.Source)}.{NatsProperties.Escaped(subject)}");

    /// <summary>Publishes without a stream. The client keeps the order of calls, except among calls that wait for it.</summary>
    private ValueTask Send(
        string subject, in NatsPayload payload, ClientHeaders? headers, string? reply, CancellationToken cancellationToken)
    {
        _link.Begin();
        lock (_lock)
        {
            var isAtOnce = _sending.IsCompleted && _link.Server is not null && _link.Connection.ConnectionState == NatsConnectionState.Open;
            var sent = isAtOnce ? SendNowAsync(subject, payload, headers, reply, cancellationToken)
                : SendLaterAsync(_sending, subject, payload, headers, reply, cancellationToken);
            if (sent.IsCompleted) { return sent; }
            var sending = sent.AsTask();
            _sending = EndAsync(sending, _sending);
            return new(sending);
        }
    }

    /// <summary>A canceled publication still keeps later ones after earlier ones.</summary>
    private static async Task EndAsync(Task sending, Task before)
    {
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask SendLaterAsync(
        Task before, string subject, NatsPayload payload, ClientHeaders? headers, string? reply, CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _link.OpenAsync(cancellationToken).ConfigureAwait(false);
        await SendNowAsync(subject, payload, headers, reply, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendNowAsync(
        string subject, NatsPayload payload, ClientHeaders? headers, string? reply, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lease = Interlocked.Exchange(ref _lease, null) ?? new();
            try
            {
                var sending = _link.SendAsync(subject, payload with { Lease = lease }, headers, reply);
                if (sending.IsCompletedSuccessfully) { _lease = lease; }
                else { await EndAsync(sending.AsTask(), lease, cancellationToken).ConfigureAwait(false); }
                return;
            }
            catch (NatsPayloadTooLargeException) { throw TooLarge(_link, payload.Length); }
            catch (ObjectDisposedException e)
            {
                throw new TransportException($"{Name}: the connection was disposed", isTransient: false, e);
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // the client did not accept it: its buffer was full for too long, or the connection is lost
                await _link.OpenAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until the client has the message, because writes cannot be canceled. Cancellation revokes the lease.</summary>
    private async Task EndAsync(Task sending, PayloadLease lease, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _link.Leaving);
        NatsLink.Forget(sending);
        try { await sending.WaitAsync(either.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) { cancellationToken.ThrowIfCancellationRequested(); throw; }
        finally { lease.End(); }
    }

    private string SubjectOf(string topic)
    {
        lock (_lock)
        {
            if (_subjects.TryGetValue(topic, out var subject)) { return subject; }
            if (_subjects.Count >= MaxKnown) { _subjects.Clear(); }
            subject = NatsTopic.ToSubject(new(topic));
            NatsText.Require(subject, nameof(topic));
            return _subjects[topic] = subject;
        }
    }

    private string ReplyOf(string response)
    {
        if (new Topic(response).IsFilter) { throw new ArgumentException($"expected a response topic without wildcards, got '{response}'"); }
        return SubjectOf(response);
    }

    private static (string Group, Topic Filter) GroupOf(Topic filter, string? named)
    {
        if (named is not null && NatsSubject.GroupFault(named) is { } fault)
        {
            throw new ArgumentException($"group: {fault}, got '{named}'");
        }

        if (named is not null || !filter.Value.StartsWith(Shared, StringComparison.Ordinal)) { return (named ?? "", filter); }
        var end = filter.Value.IndexOf('/', Shared.Length);
        var group = end < 0 ? "" : filter.Value[Shared.Length..end];
        if (end < 0 || end == filter.Value.Length - 1 || NatsSubject.GroupFault(group) is not null)
        {
            throw new ArgumentException($"expected $share/group/filter, got '{filter}'", nameof(filter));
        }

        return (group, new(filter.Value[(end + 1)..]));
    }
}
