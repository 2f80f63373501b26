using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>A part of a transport that follows the connection. The link calls it while holding its lock.</summary>
internal interface ILinkPart
{
    void Connected();

    void Lost();

    void Denied(in NatsViolation violation, TransportException error);

    /// <summary>Called when there will be no further connection.</summary>
    void Leaves();
}

/// <summary>The client's shared connection. The client reconnects by itself, and first sends the content of its buffer.</summary>
internal sealed partial class NatsLink : IAsyncDisposable
{
    /// <summary>Maximum time for disconnecting: services have 30 s to stop, of which programs use ten.</summary>
    internal static readonly TimeSpan MaxGoodbye = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MinAnswer = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly NatsDialing? _dialing;
    private readonly List<ILinkPart> _parts = [];
    private readonly List<(string Subject, TaskCompletionSource<TransportException> Ended)> _asks = [];    // requests without an answer
    private readonly long _start;
    private readonly LinkNews _news;
    private TaskCompletionSource _opened = New();
    private long _lastNumber;
    private bool _hasBegun;
    private bool _isOpen;

    /// <summary>Owns its connection.</summary>
    internal NatsLink(NatsOptions options, TimeProvider time)
        : this(time, string.Join(',', options.Servers.Select(NatsDialing.Shown)), options.Name)
    {
        (_dialing, ReplyDeadline) = (new(options, this), options.ReplyDeadline);
        Connection = _dialing.Open();
        Inbox = $"{options.InboxPrefix}.{Nuid.NewNuid()}";
    }

    internal NatsLink(INatsConnection connection, TimeProvider time)
        : this(time, string.Join(',', connection.Opts.Url.Split(',').Select(static u => NatsDialing.Shown(u))), connection.Opts.Name)
    {
        (Connection, ReplyDeadline) = (connection, new NatsOptions().ReplyDeadline);
        Inbox = $"{connection.Opts.InboxPrefix}.{Nuid.NewNuid()}";
    }

    private NatsLink(TimeProvider time, string name, string client)
    {
        (Time, Name, _start, Leaving) = (time, name, time.GetTimestamp(), _stop.Token);
        Counters = new(() => Now);
        _news = new(name, client, filter: null, Heard);
        (Connection, Inbox) = (null!, "");
    }

    internal INatsConnection Connection { get; }

    internal string Name { get; }

    internal TimeProvider Time { get; }

    internal Lock Gate { get; } = new();

    internal NatsCounters Counters { get; }

    internal ConnectionNews Heard { get; } = new();

    internal string Inbox { get; }

    /// <summary>The prefix of publish acknowledgements; the numbers of connection and message, joined by <c>-</c>, follow.</summary>
    internal string Answers => $"{Inbox}.p.";

    internal long Tries => _dialing?.Tries ?? 0;

    /// <summary>True if stream messages left in the client's buffer are not sent on the next connection.</summary>
    internal bool LeavesNothingBehind => _dialing is not null;

    internal TimeSpan ReplyDeadline { get; }

    /// <summary>The interval at which an unanswered request is repeated.</summary>
    internal TimeSpan AnswerWithin =>
        ReplyDeadline / 6 > MinAnswer ? ReplyDeadline / 6 : ReplyDeadline < MinAnswer ? ReplyDeadline : MinAnswer;

    internal CancellationToken Leaving { get; }

    /// <summary>A permanent failure to connect; null: none. Use it while holding the lock.</summary>
    internal TransportException? Failure { get; private set; }

    /// <summary>Set if the server forbids reply subscriptions, so requests are impossible. Use it while holding the lock.</summary>
    internal TransportException? NoReplies { get; private set; }

    /// <summary>Call it while holding the lock.</summary>
    internal bool IsOpen => _isOpen && Connection.ConnectionState == NatsConnectionState.Open;

    internal INatsServerInfo? Server => _isOpen ? Connection.ServerInfo : null;

    /// <summary>Call it while holding the lock.</summary>
    internal string Place { get; private set; } = "";

    /// <summary>Time until the next attempt; zero: connected, trying, or unknown.</summary>
    internal TimeSpan TriesAgainIn => _dialing?.TriesAgainIn ?? TimeSpan.Zero;

    /// <summary>Milliseconds since creation.</summary>
    internal long Now => (long)Time.GetElapsedTime(_start).TotalMilliseconds;

    internal long NextNumber() => Interlocked.Increment(ref _lastNumber);

    internal void Begin()
    {
        if (Volatile.Read(ref _hasBegun)) { return; }
        lock (Gate)
        {
            if (_hasBegun) { return; }
            _hasBegun = true;
        }

        Connection.ConnectionOpened += OnOpenedAsync;
        Connection.ConnectionDisconnected += OnLostAsync;
        Connection.ServerError += OnErrorAsync;
        if (_dialing is not null) { Connection.ReconnectFailed += _dialing.OnFailedAsync; }
        if (Connection.ConnectionState == NatsConnectionState.Open) { Opened(""); }
        _ = Task.Run(ConnectAsync);
    }

    internal void Add(ILinkPart part)
    {
        Begin();
        lock (Gate)
        {
            _parts.Add(part);
            if (_isOpen) { part.Connected(); }
            if (Failure is not null) { part.Leaves(); }
        }
    }

    internal void Remove(ILinkPart part)
    {
        lock (Gate) { _parts.Remove(part); }
    }

    /// <summary>Completes when connected.</summary>
    /// <exception cref="TransportException">There will never be a connection.</exception>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        Begin();
        while (true)
        {
            Task opened;
            lock (Gate)
            {
                if (Failure is not null) { throw Failure; }
                if (IsOpen) { return; }
                if (_isOpen) { opened = Task.Delay(Retry, Time, cancellationToken); }     // the client notices a loss before it reports it
                else { opened = _opened.Task; }
            }

            await opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when the message is in the client's buffer. It cannot be canceled.</summary>
    /// <exception cref="NatsException">The client does not accept the message.</exception>
    internal async ValueTask SendAsync(string subject, NatsPayload payload, NatsHeaders? headers, string? reply)
    {
        await Connection.PublishAsync(subject, payload, headers, reply, NatsPayloadWriter.Shared, opts: null, CancellationToken.None)
            .ConfigureAwait(false);
        Counters.Sent(payload.Length);
    }

    /// <summary>Publishes without waiting, if connected. Call it while holding the lock.</summary>
    internal void Say(string subject, byte[] payload, string? reply = null)
    {
        if (!IsOpen) { return; }
        var saying = SayAsync(subject, payload, reply);
        if (!saying.IsCompletedSuccessfully) { Forget(saying.AsTask()); }
    }

    /// <summary>Subscribes unless it has ended; completes when the request is written. The client repeats it on each connection.</summary>
    /// <exception cref="TransportException">There will never be a connection.</exception>
    internal async Task AddAsync(NatsTap tap)
    {
        while (!tap.HasEnded)
        {
            try
            {
                // within the call if connected, so later publications are received
                if (Connection.ConnectionState != NatsConnectionState.Open) { await OpenAsync(Leaving).ConfigureAwait(false); }
                if (tap.HasEnded) { return; }
                await Connection.AddSubAsync(tap, CancellationToken.None).ConfigureAwait(false);
                // it ended before it could be removed
                if (tap.HasEnded) { await Connection.SubscriptionManager.RemoveAsync(tap).ConfigureAwait(false); }
                return;
            }
            catch (ObjectDisposedException e)
            {
                throw new TransportException($"{Name}: the connection was disposed", isTransient: false, e);
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException)
            {
                lock (Gate)
                {
                    if (Failure is not null) { throw Failure; }
                    Counters.LastFault = e.Message;
                }

                await Task.Delay(Retry, Time, Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    internal static void Drop(NatsTap? tap)
    {
        if (tap is not null) { Forget(DropAsync(tap)); }
    }

    /// <summary>Call it while holding the lock.</summary>
    internal void Came(in NatsFrame frame)
    {
        Counters.Received++;
        Counters.BytesIn += frame.Payload.Length;
    }

    internal void Note(string fault)
    {
        lock (Gate) { Counters.LastFault = fault; }
    }

    /// <summary>Waits for a reply while the connection lives and requests are permitted.</summary>
    /// <exception cref="TransportException">The server does not permit the request, or the connection was lost.</exception>
    internal async Task<T> AskAsync<T>(string subject, Func<ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        var ended = new TaskCompletionSource<TransportException>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Gate)
        {
            if (NoReplies is { } never) { throw never; }
            _asks.Add((subject, ended));
        }

        try
        {
            var asking = Task.Run(() => ask().AsTask(), CancellationToken.None);
            Forget(asking);     // an abandoned call continues, because a write must not be canceled
            if (await Task.WhenAny(asking, ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false) != asking)
            {
                throw await ended.Task.ConfigureAwait(false);
            }

            return await asking.ConfigureAwait(false);
        }
        finally
        {
            lock (Gate) { _asks.Remove((subject, ended)); }
        }
    }

    /// <summary>True: it shuts down without waiting for the server.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>Flushes publications first.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (Gate)
        {
            Failure ??= new("the transport was disposed", isTransient: false);
            Leave();
        }

        await Task.Yield();
        if (IsOpen && _dialing is not null && (IsSilent || !await AnswersAsync().ConfigureAwait(false)))
        {
            await _dialing.EndAsync().ConfigureAwait(false);        // the server accepts nothing
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        Connection.ConnectionOpened -= OnOpenedAsync;
        Connection.ConnectionDisconnected -= OnLostAsync;
        Connection.ServerError -= OnErrorAsync;
        if (_dialing is not null)
        {
            var disposing = Connection.DisposeAsync().AsTask();
            Forget(disposing);      // the client unsubscribes and may wait for each subscription
            await disposing.WaitAsync(MinAnswer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Heard.End();
    }

    private async Task<bool> AnswersAsync()
    {
        using var patience = new CancellationTokenSource(ReplyDeadline < MaxGoodbye ? ReplyDeadline : MaxGoodbye);
        try
        {
            await Connection.PingAsync(patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            Note(e.Message);
            return false;
        }
    }

    internal void Fail(TransportException failure)
    {
        lock (Gate)
        {
            Counters.LastFault = failure.Message;
            Failure ??= failure;
            _news.Lost(failure.Message);
            Leave();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal static void Forget(Task task) => _ = task.ContinueWith(static t => t.Exception, CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static async Task DropAsync(NatsTap tap) => await tap.DisposeAsync().ConfigureAwait(false);

    private async ValueTask SayAsync(string subject, byte[] payload, string? reply) => await Connection.PublishAsync(
        subject, new NatsPayload(new(payload)), headers: null, reply, NatsPayloadWriter.Shared, opts: null, CancellationToken.None)
        .ConfigureAwait(false);
}
