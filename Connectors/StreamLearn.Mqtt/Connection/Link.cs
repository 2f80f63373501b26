using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>
/// A session and the connection it has or seeks: opens, reads, writes, keeps time, and opens again. The reader and the writer never wait
/// for code of the application.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private const long Farewell = 1000;             // milliseconds for a goodbye
    private const int Piece = 64 * 1024;            // bytes that a peer has to take within the reply deadline
    private const int MostTopics = 1024;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Lock _lock = new();
    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly Session _session;
    private readonly Backoff _backoff;
    private readonly OutputBuffer _output = new();
    private readonly Dictionary<string, byte[]> _topics = new(StringComparer.Ordinal);
    private readonly Stack<Publication> _pool = [];
    private readonly Signal _toWrite = new();
    private readonly Signal _toDeliver = new();
    private readonly Signal _toRead = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private readonly ITimer _linger;
    private readonly long _start;
    private readonly string? _filter;
    private readonly bool _forgets;
    private Stream? _stream;
    private Task _running = Task.CompletedTask;
    private TransportException? _failure;
    private string _lastFault = "";
    private long _writingSince = -1;
    private long _closedSince = -1;
    private bool _isPaused;
    private bool _hasBegun;
    private bool _isIdle = true;
    private bool _isLingering;

    /// <param name="options">Where to and with which limits.</param>
    /// <param name="session">The session.</param>
    /// <param name="request">What it subscribes to; null: it publishes.</param>
    /// <param name="forgets">True: the server need not keep the session after the goodbye.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">For the waits before a connection is tried again.</param>
    internal Link(MqttOptions options, SessionOptions session, FilterRequest? request, bool forgets, TimeProvider time, Random random)
    {
        (_options, _time, _forgets) = (options, time, forgets);
        _start = time.GetTimestamp();
        _session = new(session);
        _backoff = new(options.ReconnectFirst, options.ReconnectMost, random);
        _timer = time.CreateTimer(static link => ((Link)link!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _linger = time.CreateTimer(static link => ((Link)link!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (request is not { } asked) { return; }
        _filter = asked.Filter;
        _session.Subscribe(asked, _output, 0);
    }

    /// <summary>Done when the server has answered what was subscribed to, or the link has failed.</summary>
    internal Task Answered => _answered.Task;

    internal TransportException? Failure => Volatile.Read(ref _failure);

    private long Now => (long)(_time.GetElapsedTime(_start).TotalMilliseconds);

    internal void Begin()
    {
        lock (_lock)
        {
            if (_hasBegun) { return; }
            _hasBegun = true;
            _running = Task.Run(RunAsync);
        }
    }

    internal MqttSessionStatus Status()
    {
        lock (_lock)
        {
            var counters = _session.Counters;
            return new()
            {
                ClientId = _session.Options.ClientId,
                Filter = _filter,
                IsConnected = _session.State == SessionState.Connected,
                Credit = _filter is null ? _session.Outbox.Credit : Math.Max(_session.Options.Capacity - _session.Inbox.Taken, 0),
                InFlight = _filter is null ? _session.Outbox.InFlight : _session.Inbox.Taken,
                Waiting = _filter is null ? _session.Outbox.Waiting : _session.Inbox.Waiting,
                Received = counters.Received,
                Published = counters.Published,
                Redeliveries = counters.RedeliveriesIn + counters.RedeliveriesOut,
                Connects = counters.Connects,
                BytesReceived = counters.BytesIn,
                BytesSent = counters.BytesOut,
                Dropped = counters.OverCredit,
                Malformed = counters.Malformed,
                Refused = counters.Refused,
                SuspendedPings = counters.SuspendedPings,
                LastFault = _lastFault,
            };
        }
    }

    /// <param name="topic">Where to.</param>
    /// <param name="header">What goes before the payload.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="terms">How.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal ValueTask PublishAsync(Topic topic, ReadOnlySpan<byte> header, in ReadOnlySequence<byte> payload, in PublishTerms terms,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (terms.Qos == 0 && header.IsEmpty && TryWrite(topic.Value, payload, terms)) { return default; }
        var publication = Publication.Rent(_pool);
        publication.Fill(topic.Value, header, payload, terms, cancellationToken);
        var done = publication.Done;
        lock (_lock)
        {
            if (_failure is { } failure)
            {
                publication.End(failure);
                publication.Release();
                return done;
            }

            _session.Publish(publication, _output, Now);
        }

        _toWrite.Raise();
        return done;
    }

    /// <summary>Takes messages that are to be delivered.</summary>
    internal int Take(Span<ReceivedMessage> into)
    {
        var count = 0;
        bool goesOn, writes;
        lock (_lock)
        {
            while (count < into.Length && _session.Inbox.TryTake(out into[count])) { count++; }
            goesOn = _isPaused && _session.Inbox is { IsFull: false, IsOverdrawn: false };
            _isIdle = count == 0;
            writes = _isIdle && _output.Count > 0;
        }

        if (goesOn) { _toRead.Raise(); }
        if (writes) { _toWrite.Raise(); }
        return count;
    }

    /// <summary>Waits until there may be messages to take.</summary>
    internal ValueTask DeliverableAsync() => _toDeliver.WaitAsync();

    internal void Acknowledge(long id)
    {
        bool writes, goesOn;
        lock (_lock)
        {
            _session.Inbox.Acknowledge(id, _output);
            (writes, goesOn) = Ended();
        }

        if (writes) { _toWrite.Raise(); }
        if (goesOn) { _toRead.Raise(); }
    }

    /// <summary>The bytes of a message that was not released.</summary>
    internal ReadOnlyMemory<byte> Payload(long id)
    {
        lock (_lock) { return _session.Inbox.Payload(id); }
    }

    /// <summary>Ends a message that is none, so that it does not come again.</summary>
    internal void Discard(long id)
    {
        lock (_lock) { _session.Counters.Malformed++; }
        Release(id);
        Acknowledge(id);
    }

    internal void Refuse(long id)
    {
        bool writes, goesOn;
        lock (_lock)
        {
            _session.Inbox.Refuse(id, _output);
            (writes, goesOn) = Ended();
        }

        if (writes) { _toWrite.Raise(); }
        if (goesOn) { _toRead.Raise(); }
    }

    internal void Release(long id)
    {
        bool writes;
        lock (_lock)
        {
            _session.Inbox.Release(id);
            (writes, _) = Ended();
        }

        if (writes) { _toWrite.Raise(); }
    }

    /// <summary>Delivers nothing new, and says goodbye when the application is done with what was delivered.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _session.Inbox.IsEnding = true;
            Ended();
        }

        _toWrite.Raise();
        _toRead.Raise();
        _toDeliver.Raise();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_lock)
        {
            _failure ??= new("the transport has been disposed", isTransient: false);
            running = _running;
            Leave();
        }

        _toWrite.Raise();
        _toRead.Raise();
        await running.ConfigureAwait(false);
        lock (_lock) { _session.Outbox.Fail(_failure); }
        _answered.TrySetResult();
        _toDeliver.Raise();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _linger.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await OnceAsync().ConfigureAwait(false);
            }
            catch (AuthenticationException e)
            {
                Fail(new($"the certificate of {Place(_options)} is not trusted: {e.Message}", isTransient: false, e));
                return;
            }
            catch (Exception e) when (Dial.IsNetwork(e))
            {
                if (e.InnerException is AuthenticationException inner)
                {
                    Fail(new($"the certificate of {Place(_options)} is not trusted: {inner.Message}", isTransient: false, e));
                    return;
                }

                lock (_lock) { _lastFault = $"cannot reach {Place(_options)}: {e.GetType().Name}"; }
                wait = Dial.IsAbsent(e) ? _backoff.Unreached() : _backoff.Lost(TimeSpan.Zero);
            }

            if (Failure is not null) { return; }
            await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Opens a connection and uses it until it ends.</summary>
    /// <returns>How long to wait then.</returns>
    private async Task<TimeSpan> OnceAsync()
    {
        Stream stream;
        MqttCredentials? credentials;
        using (var deadline = new CancellationTokenSource(_options.ConnectDeadline, _time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token))
        {
            credentials = _options.Credentials is { } ask ? await ask(both.Token).ConfigureAwait(false) : FromUri(_options.Server);
            stream = await Dial.OpenAsync(_options, both.Token).ConfigureAwait(false);
        }

        var opened = Now;
        lock (_lock)
        {
            (_stream, _isPaused, _closedSince, _writingSince) = (stream, false, -1, -1);
            _session.Connect(_output, credentials, opened);
            if (_stop.IsCancellationRequested) { Close(MqttReason.Success); }
        }

        var writing = WriteAsync(stream);
        Tick();
        _toWrite.Raise();
        await ReadAsync(stream).ConfigureAwait(false);
        lock (_lock) { Close(MqttReason.Success); }
        _toWrite.Raise();
        await writing.ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _stream = null;
            _session.Lost();
            _output.Clear();
            if (_session.ServerReason is { } reason) { Told(reason); }
        }

        return _backoff.Lost(TimeSpan.FromMilliseconds(Now - opened));
    }

    private async Task ReadAsync(Stream stream)
    {
        var buffer = new ReceiveBuffer();
        try
        {
            while (true)
            {
                var count = await stream.ReadAsync(buffer.Room()).ConfigureAwait(false);
                if (count == 0) { return; }
                buffer.Wrote(count);
                lock (_lock) { _session.Counters.BytesIn += count; }
                while (!Consume(buffer, out var goesOn))
                {
                    if (!goesOn) { return; }
                    await _toRead.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (Dial.IsNetwork(e))
        {
            lock (_lock) { _lastFault = $"the connection was lost: {e.GetType().Name}"; }
        }
        finally
        {
            buffer.Clear();
        }
    }

    /// <summary>Takes the packets that have come.</summary>
    /// <returns>True: more may be read. False: not now, or never on this connection.</returns>
    private bool Consume(ReceiveBuffer buffer, out bool goesOn)
    {
        goesOn = true;
        bool delivers, writes, isNew;
        lock (_lock)
        {
            var now = Now;
            isNew = _session.State == SessionState.Connecting;
            _session.Heard(now);
            _isPaused = false;
            while (goesOn)
            {
                if (_session is { State: SessionState.Connected, Inbox.IsFull: true })
                {
                    _isPaused = true;
                    break;
                }

                var state = PacketReader.Next(buffer.Unread, _session.Options.MaximumPacketBytes, out var frame, out var consumed, out var fault);
                if (state == FrameState.More) { break; }
                if (state == FrameState.Whole && frame is { Type: PacketType.Publish } && (frame.Flags & 6) != 0 && _session.Inbox.IsOverdrawn)
                {
                    _isPaused = true;
                    break;
                }

                if (state == FrameState.Fault || !_session.Receive(frame, _output, now, out fault))
                {
                    _lastFault = fault.Text;
                    Close(fault.Reason);
                    goesOn = false;
                    break;
                }

                buffer.Consume(consumed);
                goesOn = _session.ServerReason is null;
            }

            if (_filter is not null && !_answered.Task.IsCompleted) { Answer(); }
            delivers = _session.Inbox.Waiting > 0;
            writes = _output.Count > 0;
            isNew &= _session.State == SessionState.Connected;
        }

        if (isNew) { Tick(); }
        if (delivers) { _toDeliver.Raise(); }
        if (writes) { _toWrite.Raise(); }
        return goesOn && !_isPaused;
    }

    private async Task WriteAsync(Stream stream)
    {
        try
        {
            while (true)
            {
                await _toWrite.WaitAsync().ConfigureAwait(false);
                while (true)
                {
                    ReadOnlyMemory<byte> bytes;
                    lock (_lock)
                    {
                        bytes = _output.Take();
                        if (bytes.IsEmpty)
                        {
                            if (_session.State != SessionState.Closed) { break; }
                            HalfClose(stream);
                            return;
                        }
                    }

                    await WriteAsync(stream, bytes).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (Dial.IsNetwork(e))
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask WriteAsync(Stream stream, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, Piece)];
            Volatile.Write(ref _writingSince, Now);
            await stream.WriteAsync(piece).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, -1);
            bytes = bytes[piece.Length..];
            lock (_lock)
            {
                _session.Counters.BytesOut += piece.Length;
                _session.Sent(Now);
                if (bytes.IsEmpty) { _session.Pump(_output, Now); }
            }
        }
    }

    private void Tick()
    {
        var due = 0L;
        Stream? abandoned = null;
        lock (_lock)
        {
            if (_stream is null) { return; }
            var now = Now;
            if (_session.State == SessionState.Closed)
            {
                if (_closedSince < 0) { _closedSince = now; }
                due = _closedSince + Farewell;
                if (now >= due) { abandoned = _stream; }
            }
            else if (!_session.Tick(_output, now, !_isPaused, out due, out var fault))
            {
                _lastFault = fault.Text;
                Close(fault.Reason);
                due = now + Farewell;
            }
            else if (Volatile.Read(ref _writingSince) is >= 0 and var since && now - since >= _session.Options.ReplyDeadline)
            {
                _lastFault = "expected the server to take bytes in time, it did not";
                abandoned = _stream;
            }
            else if (_session.Inbox.Refused >= _session.Options.Capacity && !_session.Inbox.IsEnding)
            {
                _lastFault = "all credit is held by refused messages: connecting again, so that they come again";
                Close(MqttReason.Success);
            }

            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(due - now, 1)), Timeout.InfiniteTimeSpan);
        }

        abandoned?.Dispose();
        _toWrite.Raise();
    }

    /// <summary>Writes the message to the connection if it can take it now: QoS 0 is not kept.</summary>
    private bool TryWrite(string topic, in ReadOnlySequence<byte> payload, in PublishTerms terms)
    {
        lock (_lock)
        {
            if (_session.State != SessionState.Connected || _failure is not null || !_session.Outbox.IsOpen(_output)) { return false; }
            if (!_topics.TryGetValue(topic, out var bytes))
            {
                if (_topics.Count >= MostTopics) { _topics.Clear(); }
                _topics[topic] = bytes = Encoding.UTF8.GetBytes(topic);
            }

            if (!_session.Outbox.TryWrite(topic, bytes, payload, terms, _output)) { return false; }
        }

        _toWrite.Raise();
        return true;
    }

    /// <summary>What follows from a message's end: whether there is something to write, and whether reading may go on.</summary>
    private (bool Writes, bool GoesOn) Ended()
    {
        var inbox = _session.Inbox;
        if (inbox is { IsEnding: true, Held: 0 }) { Leave(); }
        return (IsWorthSending(), _isPaused && inbox is { IsFull: false, IsOverdrawn: false });
    }

    /// <summary>A busy reader's acknowledgements go together: until it waits, or a quarter of the credit is used, or a moment has
    /// passed.</summary>
    private bool IsWorthSending()
    {
        if (_output.Count == 0) { return false; }
        if (_isIdle || _session.State != SessionState.Connected || _output.Count >= Math.Min(_session.Options.Capacity, 4096)) { return true; }
        if (!_isLingering)
        {
            _isLingering = true;
            _linger.Change(Moment, Timeout.InfiniteTimeSpan);
        }

        return false;
    }

    private void Flush()
    {
        lock (_lock) { _isLingering = false; }
        _toWrite.Raise();
    }

    private void Answer()
    {
        if (_session.Filters.Answer(_filter!) is not { } answer) { return; }
        if (answer >= MqttReason.UnspecifiedError)
        {
            Fail(new($"the server refused the subscription '{_filter}': {answer}", isTransient: answer == MqttReason.QuotaExceeded));
            Close(MqttReason.Success);
        }

        _answered.TrySetResult();
    }

    /// <summary>What the server said as it ended the connection: some of it will be said again whatever the client does.</summary>
    private void Told(MqttReason reason)
    {
        _lastFault = $"the server ended the connection: {reason}";
        if (reason is MqttReason.SessionTakenOver or MqttReason.BadUserNameOrPassword or MqttReason.NotAuthorized
            or MqttReason.ClientIdentifierNotValid or MqttReason.UnsupportedProtocolVersion or MqttReason.Banned
            or MqttReason.BadAuthenticationMethod)
        {
            Fail(new(_lastFault, isTransient: false));
        }
    }

    private void Fail(TransportException failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            _lastFault = failure.Message;
            _session.Outbox.Fail(failure);
        }

        _answered.TrySetResult();
        _toDeliver.Raise();
    }

    private void Leave()
    {
        _stop.Cancel();
        Close(MqttReason.Success);
    }

    private void Close(MqttReason reason)
    {
        if (_stream is null || _session.State == SessionState.Closed) { return; }
        _session.Disconnect(_output, reason, _forgets && _stop.IsCancellationRequested ? 0 : null);
        _closedSince = Now;
        _timer.Change(TimeSpan.FromMilliseconds(Farewell), Timeout.InfiniteTimeSpan);
    }

    private static void HalfClose(Stream stream)
    {
        // A plain close while bytes are unread resets the connection, and the peer may lose what was sent last.
        if (stream is NetworkStream { Socket.Connected: true } plain) { plain.Socket.Shutdown(SocketShutdown.Send); }
    }

    private static MqttCredentials? FromUri(Uri server)
    {
        if (server.UserInfo.Length == 0) { return null; }
        var parts = server.UserInfo.Split(':', 2);
        return new(
            Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(parts[1])) : default);
    }

    internal static string Place(MqttOptions options)
    {
        var server = options.Server;
        return $"{server.Scheme}://{server.IdnHost}:{(server.Port > 0 ? server.Port : Dial.DefaultPort(server))}";
    }
}
