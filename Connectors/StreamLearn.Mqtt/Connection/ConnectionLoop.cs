using System.Net.Sockets;

namespace StreamLearn.Mqtt;

/// <summary>One connection of a link. Its reader and writer never wait for application code.</summary>
internal sealed class ConnectionLoop : IAsyncDisposable
{
    private const long CloseTimeout = 1000;             // milliseconds for closing gracefully
    private const int Piece = 64 * 1024;            // number of bytes that a peer has to accept within the reply deadline
    private readonly Link _link;
    private readonly Session _session;
    private readonly OutputBuffer _output;
    private readonly Connection _connection;
    private readonly ITimer _timer;
    private long _writingSince = -1;
    private long _closedSince = -1;
    private bool _hasEnded;

    internal ConnectionLoop(Link link, Connection connection, TimeProvider time)
    {
        (_link, _session, _output, _connection) = (link, link.Session, link.Output, connection);
        Receiver = new(link, this, connection, time);
        _timer = time.CreateTimer(static loop => ((ConnectionLoop)loop!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal Receiver Receiver { get; }

    public async ValueTask DisposeAsync()
    {
        lock (_link.Gate) { _hasEnded = true; }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    internal async Task RunAsync()
    {
        var writing = WriteAsync();
        Tick();
        _link.ToWrite.Raise();
        await Receiver.RunAsync().ConfigureAwait(false);
        lock (_link.Gate) { Close(MqttReason.Success); }
        _link.ToWrite.Raise();
        await writing.ConfigureAwait(false);
    }

    /// <summary>Sends DISCONNECT, after which the writer closes. Call it while holding the lock. <paramref name="sessionExpirySeconds"/>:
    /// null: unchanged.</summary>
    internal void Close(MqttReason reason, uint? sessionExpirySeconds = null)
    {
        if (_hasEnded || _session.State == SessionState.Closed) { return; }
        _session.Disconnect(_output, reason, sessionExpirySeconds);
        _closedSince = _link.Now;
        TickWithin(CloseTimeout);
    }

    /// <summary>Call it while holding the lock.</summary>
    internal void TickWithin(long milliseconds) => _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await _link.ToWrite.WaitAsync().ConfigureAwait(false);
                while (true)
                {
                    ReadOnlyMemory<byte> bytes;
                    lock (_link.Gate)
                    {
                        bytes = _output.Take();
                        if (bytes.IsEmpty)
                        {
                            if (_session.State != SessionState.Closed) { break; }
                            HalfClose(_connection.Stream);
                            return;
                        }
                    }

                    await WriteAsync(bytes).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            // a server that refuses the client's certificate closes, but its alert must still be read
            bool isUnanswered;
            lock (_link.Gate)
            {
                isUnanswered = _session.State == SessionState.Connecting;
                if (!Receiver.IsAbandoned && Dialer.IsOfPeer(e)) { _session.Ended(_link.Now); }
            }

            if (!isUnanswered || !Dialer.IsNetwork(e)) { Abandon(); }
            if (!Dialer.IsNetwork(e)) { throw; }
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, Piece)];
            Volatile.Write(ref _writingSince, _link.Now);
            await _connection.Stream.WriteAsync(piece).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, -1);
            bytes = bytes[piece.Length..];
            lock (_link.Gate)
            {
                _session.Counters.BytesOut += piece.Length;
                _session.Sent(_link.Now, isMoreLeft: bytes.Length > 0 || _output.Count > 0);
                if (bytes.IsEmpty) { _session.Pump(_output, _link.Now); }
            }
        }
    }

    internal void Tick()
    {
        bool abandons = false, reads = false;
        lock (_link.Gate)
        {
            if (_hasEnded) { return; }
            var now = _link.Now;
            long due;
            if (_session.State == SessionState.Closed)
            {
                if (_closedSince < 0) { _closedSince = now; }
                due = _closedSince + CloseTimeout;
                abandons = now >= due;
            }
            else if (!_session.Tick(_output, now, !Receiver.WaitsForCredit, out due, out var fault))
            {
                _link.Faults.Record(fault.Text);
                Close(fault.Reason);
                due = now + CloseTimeout;
            }
            else if (Volatile.Read(ref _writingSince) is >= 0 and var since && now - since >= _session.Options.ReplyDeadline)
            {
                _link.Faults.Record("expected the server to accept bytes in time, but it did not");
                abandons = true;
            }
            else if (_session.Inbox.IsStuck)
            {
                _link.Faults.Record("refused messages use all credit: reconnecting, so that the server sends them again");
                Close(MqttReason.Success);
            }
            else if (Receiver.SpaceDue is { } given)
            {
                reads = now >= given;
                if (reads) { _session.Inbox.Drop(); }
                else { due = Math.Min(due, given); }
            }

            TickWithin(Math.Max(due - now, 1));
        }

        if (abandons) { Abandon(); }
        if (reads) { _link.ToRead.Raise(); }
        _link.ToWrite.Raise();
    }

    /// <summary>Closes without DISCONNECT, even if the reader waits for credit.</summary>
    private void Abandon()
    {
        lock (_link.Gate) { Receiver.IsAbandoned = true; }
        _connection.Stream.Dispose();
        _link.ToRead.Raise();
    }

    private static void HalfClose(Stream stream)
    {
        // Closing with unread bytes resets the connection, and the peer may lose the last bytes.
        if (stream is NetworkStream { Socket.Connected: true } plain) { plain.Socket.Shutdown(SocketShutdown.Send); }
    }
}
