using System.Security.Authentication;

namespace StreamLearn.Mqtt;

/// <summary>
/// A session and the connection it has or seeks: what the application does with it, and the connecting again. Its state is locked by its
/// gate.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start;
    private readonly string? _filter;
    private readonly bool _forgets;
    private readonly LinkNews _news;
    private ConnectionLoop? _loop;
    private Task _running = Task.CompletedTask;
    private TransportException? _failure;
    private string _lastFault = "";
    private bool _isFaultNew;
    private bool _hasBegun;
    private long? _reached;             // since when the server has been there, while it owes the first answer to what was subscribed to

    /// <param name="options">Where to and with which limits.</param>
    /// <param name="session">The session.</param>
    /// <param name="request">What it subscribes to; null: it publishes.</param>
    /// <param name="forgets">True: the server need not keep the session after the goodbye.</param>
    /// <param name="news">Who hears of its connections.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">For the waits before a connection is tried again.</param>
    internal Link(MqttOptions options, SessionOptions session, FilterRequest? request, bool forgets, LinkNews news, TimeProvider time,
        Random random)
    {
        (_options, _time, _forgets, _news) = (options, time, forgets, news);
        _start = time.GetTimestamp();
        Session = new(session);
        Delivery = new(this, session.Capacity, time);
        Publisher = new(this);
        _backoff = new(options.InitialReconnectDelay, options.MaxReconnectDelay, random);
        if (request is not { } asked) { return; }
        _filter = asked.Filter;
        Session.Subscribe(asked, Output, 0);
    }

    /// <summary>Locks the session, the output and the wire.</summary>
    internal Lock Gate { get; } = new();

    internal Session Session { get; }

    internal OutputBuffer Output { get; } = new();

    internal Delivery Delivery { get; }

    internal Publisher Publisher { get; }

    internal Signal ToWrite { get; } = new();

    internal Signal ToDeliver { get; } = new();

    internal Signal ToRead { get; } = new();

    /// <summary>Milliseconds since the link was made.</summary>
    internal long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Done when publications need not wait for the subscription any more: the server has answered it, or has been there for the
    /// reply deadline and has not, or the link has failed.</summary>
    internal Task Awaited => _awaited.Task;

    /// <summary>True if nothing is read and there is no reason for it any more. Locked.</summary>
    internal bool MayGoOn => _loop is { Receiver.MayGoOn: true };

    /// <summary>Messages that the session has taken or has got rid of.</summary>
    private long Messages => Session.Counters.Received + Session.Counters.Published;

    private string Unanswered => Session.State == SessionState.Connecting ? " before it answered CONNECT" : "";

    private string Doubt => Session.State == SessionState.Connecting ? ForeignPort.Doubt(_options.Server) : "";

    internal TransportException? Failure => Volatile.Read(ref _failure);

    /// <param name="before">Whose session this link goes on with, when that one has said goodbye; null: nobody's.</param>
    internal void Begin(Link? before = null)
    {
        lock (Gate)
        {
            if (_hasBegun) { return; }
            _hasBegun = true;
            _running = Running(before);
        }
    }

    /// <summary>Apart, as every publish begins its link: what a task captures is allocated where the method starts.</summary>
    private Task Running(Link? before) => Task.Run(() => before is null ? RunAsync() : RunAfterAsync(before));

    /// <summary>True if it delivers nothing more of this filter.</summary>
    internal bool HasEnded(string filter)
    {
        lock (Gate) { return _filter == filter && Session.Inbox.IsEnding; }
    }

    internal MqttSessionStatus Status()
    {
        lock (Gate)
        {
            Delivery.ApplySettlements();
            return Session.Status(_filter, _lastFault);
        }
    }

    /// <summary>Delivers nothing new, and says goodbye when the application is done with what was delivered.</summary>
    internal void End()
    {
        lock (Gate)
        {
            Session.Inbox.IsEnding = true;
            Delivery.ApplySettlements();
        }

        Raise(writes: true, reads: true);
        ToDeliver.Raise();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (Gate)
        {
            _failure ??= new("the transport has been disposed", isTransient: false);
            running = _running;
            Delivery.ApplySettlements();
            Leave();
        }

        Raise(writes: true, reads: true);
        await running.ConfigureAwait(false);
        lock (Gate) { Session.Outbox.Fail(_failure); }
        Answered();
        ToDeliver.Raise();
        await Delivery.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Looks whether the server has answered what was subscribed to. Locked.</summary>
    internal void Answer()
    {
        if (_filter is null || (_answered.Task.IsCompleted && !Session.Filters.IsRefused)) { return; }
        if (Session.Filters.Answer(_filter) is not { } answer) { return; }
        if (answer >= MqttReason.UnspecifiedError)
        {
            var fault = Unsubscribed(answer);
            if (_answered.Task.IsCompleted) { Record(fault); }            // it had granted it before, and may again
            else { Fail(new(fault, isTransient: answer == MqttReason.QuotaExceeded)); }
            _loop?.Close(MqttReason.Success);
        }

        Answered();
    }

    /// <summary>Remembers why a connection ended or could not be made.</summary>
    internal void Record(string fault)
    {
        lock (Gate) { (_lastFault, _isFaultNew) = (fault, true); }
    }

    /// <summary>The connection broke while it was read.</summary>
    internal void Broken(Exception failure)
    {
        if (TlsAlert.Of(failure) is { } alert) { Alerted(alert, failure); }
        else { Record($"the connection was lost{Unanswered}: {Connector.Cause(failure)}{Doubt}"); }
    }

    /// <summary>What is wrong with bytes that should answer CONNECT and do not, if another protocol explains them. Locked.</summary>
    internal string? Foreign(ReadOnlySpan<byte> bytes) =>
        Session.State == SessionState.Connecting ? ForeignPort.Fault(bytes, _options.Server) : null;

    /// <summary>The server has closed the connection.</summary>
    internal void Closed() => Record($"the server closed the connection{Unanswered}{Doubt}");

    /// <summary>The server has accepted the connection. Locked.</summary>
    internal void Connected()
    {
        _isFaultNew = false;
        _news.Connected(Session.IsKept);
    }

    private void Answered()
    {
        _answered.TrySetResult();
        _awaited.TrySetResult();
    }

    /// <summary>Wakes the writer, or the reader.</summary>
    internal void Raise(bool writes, bool reads)
    {
        if (writes) { ToWrite.Raise(); }
        if (reads) { ToRead.Raise(); }
    }

    /// <summary>Ends for good. Locked.</summary>
    internal void Leave()
    {
        if (_stop.IsCancellationRequested) { return; }
        _ = _stop.CancelAsync();            // code of others runs in it, and must not have the lock
        Answered();
        Goodbye();
    }

    /// <summary>Two links must not fight for one session: the other one leaves first, whatever the application still holds of it.</summary>
    private async Task RunAfterAsync(Link before)
    {
        await before._running.WaitAsync(_options.ReplyDeadline, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await before.DisposeAsync().ConfigureAwait(false);
        await RunAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await SeekAsync().ConfigureAwait(false);
        if (_stop.IsCancellationRequested) { _news.Left(); }
    }

    private async Task SeekAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await OnceAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (TlsAlert.Of(e) is { } alert)
            {
                Alerted(alert, e);
                wait = _backoff.Lost(TimeSpan.Zero);
            }
            catch (Exception e) when (e is AuthenticationException || e.InnerException is AuthenticationException)
            {
                var untrusted = e as AuthenticationException ?? e.InnerException!;
                Refused(e is ConnectorException ? $"{Connector.Place(_options)}: {e.Message}"
                    : $"the certificate of {Connector.Place(_options)} is not trusted: {untrusted.Message}", e);
                wait = _backoff.Lost(TimeSpan.Zero);
            }
            catch (Exception e) when (Connector.IsNetwork(e))
            {
                Record($"cannot reach {Connector.Place(_options)}: {Connector.Cause(e)}");
                if (Connector.IsAbsent(e)) { _reached = null; }
                wait = Connector.IsAbsent(e) ? _backoff.Unreached() : _backoff.Lost(TimeSpan.Zero);
            }
            catch (Exception e)
            {
                // its message may hold a secret
                Fail(new($"{Connector.Place(_options)}: expected a network's fault, got {e.GetType().Name}", isTransient: false));
                wait = TimeSpan.Zero;
            }

            lock (Gate) { Lost(); }
            if (Failure is not null) { return; }
            if (_reached is { } since && Now - since >= (long)_options.ReplyDeadline.TotalMilliseconds) { _awaited.TrySetResult(); }
            await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Opens a connection and uses it until it ends.</summary>
    /// <returns>How long to wait then.</returns>
    private async Task<TimeSpan> OnceAsync()
    {
        MqttCredentials? credentials;
        Connection connection;
        var begun = Now;
        using (var deadline = new CancellationTokenSource(_options.ConnectDeadline, _time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token))
        {
            try
            {
                credentials = _options.Credentials is { } ask
                    ? await ask(both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false)
                    : Connector.Credentials(_options.Server);
            }
            catch (Exception e)
            {
                var (why, isForGood) = NoLogin(e);
                if (isForGood) { Refused(why, inner: null); }
                else { Record(why); }
                return _backoff.Unreached();
            }

            connection = await Connector.OpenAsync(_options, _filter is null ? null : ReadThreads.Shared, both.Token).ConfigureAwait(false);
        }

        _reached ??= Now;
        var (opened, before) = (Now, Messages);
        MqttReason? reason;
        long messages;
        var loop = new ConnectionLoop(this, connection, _time);
        try
        {
            lock (Gate)
            {
                _loop = loop;
                Session.Connect(Output, credentials, opened, begun);
                if (_stop.IsCancellationRequested) { Goodbye(); }
            }

            await loop.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            await loop.DisposeAsync().ConfigureAwait(false);
            lock (Gate)
            {
                _loop = null;
                messages = Messages - before;
                Session.Lost();
                Output.Clear();
                reason = Session.ServerReason;
            }
        }

        if (reason is { } said) { OnServerReason(said); }
        return _backoff.Lost(TimeSpan.FromMilliseconds(Now - opened), messages);
    }

    /// <summary>Why there is no login, without the exception's message, which may hold a secret.</summary>
    private static (string Why, bool IsForGood) NoLogin(Exception failure) => failure switch
    {
        ArgumentException { ParamName: nameof(MqttCredentials.UserName) } =>
            ($"no login: the user name is no text, or has more than {MqttCredentials.MaxBytes} bytes", true),
        ArgumentException { ParamName: nameof(MqttCredentials.Password) } =>
            ($"no login: the password has more than {MqttCredentials.MaxBytes} bytes", true),
        _ => ($"no login: {failure.GetType().Name}",
            failure is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException),
    };

    /// <summary>Tells that there is no connection, unless nobody needs one any more. Locked.</summary>
    private void Lost()
    {
        if (_stop.IsCancellationRequested) { return; }
        if (_news.Lost(_isFaultNew ? _lastFault : "the connection was lost")) { Session.Counters.Losses++; }
    }

    /// <summary>What the server said as it refused or ended the connection.</summary>
    private void OnServerReason(MqttReason reason)
    {
        var fault = DisconnectReasons.Text(reason, Connector.Place(_options), Session.Counters.Connects > 0);
        var isUnsubscribed = _filter is not null && !_answered.Task.IsCompleted;
        if (DisconnectReasons.AreForGood(reason)) { Fail(new(fault, isTransient: false)); }
        else if (DisconnectReasons.AreOfLogin(reason)) { Refused(fault, inner: null); }
        else if (isUnsubscribed && DisconnectReasons.AreOfSubscription(reason)) { Fail(new(Unsubscribed(reason), isTransient: false)); }
        else { Record(fault); }
    }

    /// <summary>A login or a certificate was refused: for good if it never was accepted. Else it may have been changed at one end only, and
    /// is tried again.</summary>
    private void Refused(string fault, Exception? inner)
    {
        if (Session.Counters.Connects == 0) { Fail(new(fault, isTransient: false, inner)); }
        else { Record(fault); }
    }

    /// <summary>The server ended TLS and said why: for good if it does not take the client's certificate.</summary>
    private void Alerted(string alert, Exception failure)
    {
        var fault = TlsAlert.Text(alert, Connector.Place(_options), _options.ClientCertificate is not null);
        if (TlsAlert.IsOfCertificate(alert)) { Refused(fault, failure); }
        else { Record(fault); }
    }

    private string Unsubscribed(MqttReason reason) => $"the server refused the subscription '{_filter}': {reason}";

    private void Fail(TransportException failure)
    {
        lock (Gate)
        {
            _failure ??= failure;
            (_lastFault, _isFaultNew) = (failure.Message, true);
            Lost();             // before those who read hear of it: with the last of them the link leaves
            Session.Outbox.Fail(failure);
        }

        Answered();
        ToDeliver.Raise();
    }

    /// <summary>A session that nobody comes back to is ended: 3.1.1 can only be told to put nothing more into it.</summary>
    private void Goodbye()
    {
        if (_forgets && _options is { Version: MqttVersion.V311, CleanStart: false }) { Session.UnsubscribeAll(Output); }

        _loop?.Close(MqttReason.Success, _forgets ? 0 : null);
    }
}
