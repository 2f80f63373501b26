using System.Buffers;
using System.Security.Cryptography;

namespace StreamLearn.Nats;

/// <summary>
/// A connection to one server of a cluster, made again whenever it is lost: what is published, subscribed to and asked for over it. Its
/// state is locked by its gate; neither its reader nor its writer ever waits for code of the application.
/// </summary>
internal sealed class NatsConnection : IAsyncDisposable
{
    private const ulong ReplyId = 1;        // the subscription to all replies
    private const int NoResponders = 503;
    private readonly NatsOptions _options;
    private readonly NatsSearch _search;
    private readonly CancellationTokenSource _stop = new();
    private readonly NatsReplies _replies = new();
    private readonly Dictionary<ulong, NatsSubscription> _subscriptions = [];
    private readonly List<NatsSubscription> _toTell = [];   // those for which something came
    private readonly Queue<PublisherTurn> _waiting = [];     // publishers, in order, for space or for a connection
    private readonly long _start;
    private Task _running = Task.CompletedTask;
    private ulong _lastId = ReplyId;
    private long _lastReader;
    private long _lastMessageId;
    private bool _hasBegun;

    /// <param name="options">Its settings.</param>
    /// <param name="time">The clock of deadlines and waits.</param>
    internal NatsConnection(NatsOptions options, TimeProvider time)
    {
        (_options, Time, _start, Leaving) = (options.Checked(), time, time.GetTimestamp(), _stop.Token);
        Counters = new(() => Now);
        InboxPrefix = NatsText.Utf8($"{options.InboxPrefix}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(11))}.");
        Name = string.Join(',', options.Servers.Select(NatsServer.Shown));
        News = new(Name, options.Name, filter: null, Heard);
        Publisher = new(this, options.ReplyDeadline);
        _search = new(this, options, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
    }

    /// <summary>Where it goes, without secrets.</summary>
    internal string Name { get; }

    internal TimeProvider Time { get; }

    /// <summary>Locks all that follows.</summary>
    internal Lock Gate { get; } = new();

    internal OutputBuffer Output { get; } = new();

    internal Signal ToWrite { get; } = new();

    internal NatsCounters Counters { get; }

    /// <summary>Who hears of connections.</summary>
    internal ConnectionNews Heard { get; } = new();

    internal LinkNews News { get; }

    /// <summary>Where the last server is that took the login. Locked.</summary>
    internal string Place { get; private set; } = "";

    /// <summary>What the server has said of itself; null: there is no connection. Locked.</summary>
    internal ServerInfo? Server { get; private set; }

    /// <summary>When servers are tried again, milliseconds since it was made. Locked.</summary>
    internal long TriesAt { get; set; }

    /// <summary>How long until then; zero: there is a connection, or one is sought. Locked.</summary>
    internal TimeSpan TriesAgainIn =>
        Server is null && Failure is null ? TimeSpan.FromMilliseconds(Math.Max(0, TriesAt - Now)) : TimeSpan.Zero;

    /// <summary>Why nothing that waits for an answer is sent: the server does not permit to subscribe to answers; null: it is.
    /// Locked.</summary>
    internal TransportException? NoReplies { get; private set; }

    /// <summary>Why it will never be connected; null: it will, or may.</summary>
    internal TransportException? Failure { get; private set; }

    /// <summary>Canceled when it leaves.</summary>
    internal CancellationToken Leaving { get; }

    /// <summary>What subjects of replies begin with.</summary>
    internal byte[] InboxPrefix { get; }

    /// <summary>What is on its way into streams. Locked.</summary>
    internal JetPublisher Publisher { get; }

    /// <summary>False if the server has said that it has no JetStream.</summary>
    internal bool HasJetStream
    {
        get
        {
            lock (Gate) { return Server?.JetStream != false; }
        }
    }

    /// <summary>Which connection this is, of all.</summary>
    internal long Connects
    {
        get
        {
            lock (Gate) { return Counters.Connects; }
        }
    }

    /// <summary>Limit on the answer to a request.</summary>
    internal TimeSpan ReplyDeadline => _options.ReplyDeadline;

    /// <summary>After this long without an answer a request that may be repeated is repeated.</summary>
    internal TimeSpan AnswerWithin
    {
        get
        {
            var (deadline, least) = (_options.ReplyDeadline, TimeSpan.FromSeconds(2));
            return deadline / 6 > least ? deadline / 6 : deadline < least ? deadline : least;
        }
    }

    /// <summary>Milliseconds since it was made.</summary>
    internal long Now => (long)Time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Begins to seek a connection, at the first call.</summary>
    internal void Begin()
    {
        if (Volatile.Read(ref _hasBegun)) { return; }
        lock (Gate)
        {
            if (_hasBegun) { return; }
            _hasBegun = true;
            _running = Task.Run(_search.RunAsync);
        }
    }

    /// <summary>Publishes a message: done when it is written. Waits for a connection, and for space.</summary>
    /// <param name="subject">Where to, checked; kept until it is done.</param>
    /// <param name="reply">Where to answer; empty: nowhere.</param>
    /// <param name="headers">The header block; empty: none.</param>
    /// <param name="before">What goes before the payload.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TransportException">It is larger than the server takes, or there will never be a connection.</exception>
    internal ValueTask PublishAsync(ReadOnlyMemory<byte> subject, ReadOnlySpan<byte> reply, ReadOnlySpan<byte> headers,
        ReadOnlySpan<byte> before, in ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        return TryPublish(subject.Span, reply, headers, before, payload, turn: null) ? default
            : PublishLaterAsync(subject, reply.ToArray(), headers.ToArray(), before.ToArray(), payload, cancellationToken);
    }

    /// <summary>Asks, and waits for the answer. The caller returns the request when it has read it.</summary>
    /// <exception cref="TransportException">Nobody is there to answer, the connection was lost, or no answer came in time.</exception>
    internal async ValueTask<NatsReply> RequestAsync(PendingReply request, ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte> headers,
        ReadOnlyMemory<byte> before, ReadOnlySequence<byte> payload, CancellationToken cancellationToken, TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? _options.ReplyDeadline, Time);
        using var late = deadline.Token.UnsafeRegister(static state => ((PendingReply)state!).Expire(), request);
        using var given = cancellationToken.UnsafeRegister(static (state, token) => ((PendingReply)state!).Cancel(token), request);
        lock (Gate)
        {
            if (NoReplies is { } never) { throw never; }
            request.Asks = subject;
        }

        await PublishAsync(subject, request.Subject(InboxPrefix).Span, headers.Span, before.Span, payload, cancellationToken)
            .ConfigureAwait(false);
        var reply = await request.Task.ConfigureAwait(false);
        return reply.HeaderLength > 0 && new NatsHeaders(reply.Headers).Status == NoResponders
            ? throw new TransportException($"nobody answers '{System.Text.Encoding.UTF8.GetString(subject.Span)}'", isTransient: true)
            : reply;
    }

    /// <summary>Begins a request.</summary>
    internal PendingReply Rent()
    {
        lock (Gate) { return _replies.Rent(); }
    }

    /// <summary>Ends a request.</summary>
    internal void Return(PendingReply request)
    {
        lock (Gate) { _replies.Return(request); }
    }

    /// <summary>Subscribes; over a new connection again.</summary>
    /// <param name="subject">What to.</param>
    /// <param name="group">The queue group; empty: none.</param>
    /// <param name="inbox">Where messages go.</param>
    /// <param name="toDeliver">Raised when messages wait; null: a signal of its own.</param>
    /// <param name="reader">Who takes messages instead of the inbox; null: nobody.</param>
    /// <exception cref="ArgumentException">They are not such, or too long: over no connection could it be made.</exception>
    internal NatsSubscription Subscribe(byte[] subject, byte[] group, NatsInbox inbox, Signal? toDeliver = null, JetReader? reader = null)
    {
        NatsWriter.CheckSubscribe(subject, group, ulong.MaxValue);
        Begin();
        lock (Gate)
        {
            var subscription = new NatsSubscription(this, ++_lastId, subject, group, inbox, toDeliver ?? new(), reader);
            _subscriptions.Add(subscription.Id, subscription);
            if (Server is not null) { NatsWriter.Subscribe(Output, subject, group, subscription.Id); }
            if (Failure is not null) { subscription.ToDeliver.Raise(); }
            ToWrite.Raise();
            return subscription;
        }
    }

    /// <summary>A number for a reader of a stream, which none before it had.</summary>
    internal long NextReader() => Interlocked.Increment(ref _lastReader);

    /// <summary>A message id that no other has.</summary>
    internal string NewId() => $"{System.Text.Encoding.ASCII.GetString(InboxPrefix)}{Interlocked.Increment(ref _lastMessageId):x}";

    /// <summary>Ends a subscription. One of a reader still gets what the server has sent by then, until it is forgotten.</summary>
    internal void Unsubscribe(NatsSubscription subscription)
    {
        lock (Gate)
        {
            if (subscription.HasEnded) { return; }
            subscription.HasEnded = true;
            if (Server is null || !subscription.IsOfReader) { _subscriptions.Remove(subscription.Id); }
            if (Server is null) { return; }
            NatsWriter.Unsubscribe(Output, subscription.Id, maximumMessages: 0);
        }

        ToWrite.Raise();
    }

    /// <summary>Nothing comes of a subscription any more.</summary>
    internal void Forget(NatsSubscription subscription)
    {
        lock (Gate) { _subscriptions.Remove(subscription.Id); }
    }

    /// <summary>A server has taken the login: subscriptions are made again, and publishers go on. Locked.</summary>
    internal void Connected(ServerInfo server, string place)
    {
        (Server, Place) = (server, place);
        NoReplies = null;
        Counters.Connects++;
        NatsWriter.Subscribe(Output, [.. InboxPrefix, (byte)'*'], default, ReplyId);
        foreach (var subscription in _subscriptions.Values)
        {
            NatsWriter.Subscribe(Output, subscription.Subject, subscription.Group, subscription.Id);
            subscription.Connected();
        }

        LetGoOn();
        News.Connected(isKept: false);
        ToWrite.Raise();
    }

    /// <summary>The server says something new of itself. Locked.</summary>
    internal void Told(ServerInfo server)
    {
        if (Server is not null) { Server = server; }
    }

    /// <summary>A connection was lost, or could not be made: what was asked over it is not answered any more.</summary>
    internal void Lost(string reason)
    {
        lock (Gate)
        {
            if (Server is not null) { Counters.Losses++; }
            Server = null;
            NoReplies = null;       // the next one may permit it
            Output.Clear();
            _replies.Fail(new TransportException(reason, isTransient: true));
            Publisher.Lost();
            News.Lost(reason);
            foreach (var subscription in _subscriptions.Values)
            {
                subscription.Lost();
                if (subscription.HasEnded) { _subscriptions.Remove(subscription.Id); }
            }
        }
    }

    /// <summary>There will never be a connection.</summary>
    internal void Fail(TransportException failure)
    {
        lock (Gate)
        {
            Failure ??= failure;
            _replies.Fail(failure);
            Publisher.Fail(failure);
            foreach (var subscription in _subscriptions.Values) { subscription.Leaves(); }
            LetGoOn();
        }
    }

    /// <summary>Takes a message that has come. Locked.</summary>
    internal void Take(in NatsFrame message)
    {
        Counters.Received++;
        Counters.BytesIn += message.Payload.Length;
        if (message.SubscriptionId == ReplyId)
        {
            var subject = message.Subject;
            if (!subject.StartsWith(InboxPrefix)) { return; }
            var token = subject[InboxPrefix.Length..];
            if (!token.IsEmpty && token[0] == JetPublisher.Mark)
            {
                Publisher.Answer(token[1..], message.HeaderBlock, message.Payload);
                return;
            }

            _replies.Find(token)?.Answer(message.HeaderBlock, message.Payload);
        }
        else if (_subscriptions.TryGetValue(message.SubscriptionId, out var subscription) && subscription.Take(message))
        {
            _toTell.Add(subscription);
        }
    }

    /// <summary>Passes over a message that cannot be read, for good. Locked.</summary>
    internal void PassOver(in NatsFrame message)
    {
        Counters.Malformed++;
        if (_subscriptions.TryGetValue(message.SubscriptionId, out var subscription)) { subscription.PassOver(message.ReplyTo); }
    }

    /// <summary>The server does not permit something: who wanted it hears it. Locked.</summary>
    internal void Take(in NatsViolation violation)
    {
        var (error, subject) = (violation.Error(Name), System.Text.Encoding.UTF8.GetBytes(violation.Subject));
        if (violation.IsSubscription && subject.AsSpan().StartsWith(InboxPrefix) && subject.Length == InboxPrefix.Length + 1)
        {
            NoReplies = error;
            _replies.Fail(error);
            Publisher.Fail(error);
            return;
        }

        foreach (var subscription in _subscriptions.Values) { subscription.Take(violation.IsSubscription, subject, error); }
        if (violation.IsSubscription) { return; }
        _replies.Fail(error, subject);
        Publisher.Fail(error, subject);
    }

    /// <summary>Wakes those for whom something came since the last call. Locked.</summary>
    /// <returns>True if something was dropped since.</returns>
    internal bool Deliver()
    {
        var isCrowded = false;
        foreach (var subscription in _toTell) { isCrowded |= subscription.Deliver(); }
        _toTell.Clear();
        return isCrowded;
    }

    /// <summary>Lets the first publisher that waits go on, if there is space; all where there never will be. Locked.</summary>
    internal void LetGoOn()
    {
        PublisherTurn? first;
        while (_waiting.TryPeek(out first) && first.IsOver) { _waiting.Dequeue(); }
        if (Failure is not null)
        {
            foreach (var turn in _waiting) { turn.GoOn(); }
        }
        else if (first is not null && IsOpen) { first.GoOn(); }
        Publisher.Pump();
    }

    /// <summary>True if there is a connection, and space for more. Locked.</summary>
    internal bool IsOpen => Server is not null && Output.Count < _options.MaxUnsentBytes;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Fail(new("the connection has been disposed", isTransient: false));
        await _stop.CancelAsync().ConfigureAwait(false);
        ToWrite.Raise();
        await _running.ConfigureAwait(false);
        lock (Gate) { Output.Clear(); }
        Heard.End();
        Publisher.Dispose();
        _stop.Dispose();
    }

    /// <summary>Writes a message if there is space, and nobody waits for it before.</summary>
    private bool TryPublish(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> reply, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> before,
        in ReadOnlySequence<byte> payload, PublisherTurn? turn)
    {
        lock (Gate)
        {
            if (Failure is { } failure) { throw failure; }
            if (!IsOpen || (turn is null && _waiting.Count > 0)) { return false; }
            var length = headers.Length + before.Length + payload.Length;
            if (length > Server!.MaxPayload)
            {
                throw new TransportException(
                    FormattableString.Invariant($"expected at most {Server.MaxPayload} bytes, as the server takes, got {length}"),
                    isTransient: false);
            }

            NatsWriter.Publish(Output, new()
            {
                Subject = subject,
                ReplyTo = reply,
                HeaderBlock = headers,
                Prefix = before,
                Payload = payload,
            }, Server.MaxPayload);
            Counters.Published++;
        }

        ToWrite.Raise();
        return true;
    }

    private async ValueTask PublishLaterAsync(ReadOnlyMemory<byte> subject, ReadOnlyMemory<byte> reply, ReadOnlyMemory<byte> headers,
        ReadOnlyMemory<byte> before, ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        var turn = new PublisherTurn();
        lock (Gate)
        {
            _waiting.Enqueue(turn);
            LetGoOn();
        }

        using var registration = cancellationToken.UnsafeRegister(static (turn, token) => ((PublisherTurn)turn!).Cancel(token), turn);
        try
        {
            do { await turn.WaitAsync().ConfigureAwait(false); }
            while (!TryPublish(subject.Span, reply.Span, headers.Span, before.Span, payload, turn));
        }
        finally
        {
            lock (Gate)
            {
                turn.IsOver = true;
                LetGoOn();
            }
        }
    }
}
