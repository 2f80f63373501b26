using System.Net.Sockets;

namespace StreamLearn.Mqtt;

/// <summary>
/// One connection of a link: reads, writes and keeps time, until it ends. Neither its reader nor its writer ever waits for code of the
/// application.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private const long Farewell = 1000;             // milliseconds for a goodbye
    private const long Grace = 50;                  // milliseconds that messages of QoS 0 wait for room before they are dropped
    private const int Piece = 64 * 1024;            // bytes that a peer has to take within the reply deadline
    private readonly Link _link;
    private readonly Session _session;
    private readonly OutputBuffer _output;
    private readonly Stream _stream;
    private readonly ITimer _timer;
    private long _writingSince = -1;
    private long _closedSince = -1;
    private long _crowdedSince = -1;
    private Pause _pause;
    private bool _isAbandoned;
    private bool _hasEnded;

    internal Wire(Link link, Stream stream, TimeProvider time)
    {
        (_link, _session, _output, _stream) = (link, link.Session, link.Output, stream);
        _timer = time.CreateTimer(static wire => ((Wire)wire!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Why nothing is read.</summary>
    private enum Pause : byte
    {
        None,

        /// <summary>The application holds all credit.</summary>
        Credit,

        /// <summary>The application gets a moment to make room for messages of QoS 0.</summary>
        Room,
    }

    /// <summary>True if nothing is read and there is no reason for it any more. Locked.</summary>
    internal bool MayGoOn => _pause switch
    {
        Pause.Credit => _session.Inbox is { IsFull: false, IsOverdrawn: false },
        Pause.Room => _session.Inbox.HasRoom,
        _ => false,
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_link.Gate) { _hasEnded = true; }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads and writes until the connection ends.</summary>
    internal async Task RunAsync()
    {
        var writing = WriteAsync();
        Tick();
        _link.ToWrite.Raise();
        await ReadAsync().ConfigureAwait(false);
        lock (_link.Gate) { Close(MqttReason.Success); }
        _link.ToWrite.Raise();
        await writing.ConfigureAwait(false);
    }

    /// <summary>Says goodbye; the writer ends the connection when that is sent. Locked.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sessionExpirySeconds">How long the server keeps the session; null: as it was told.</param>
    internal void Close(MqttReason reason, uint? sessionExpirySeconds = null)
    {
        if (_hasEnded || _session.State == SessionState.Closed) { return; }
        _session.Disconnect(_output, reason, sessionExpirySeconds);
        _closedSince = _link.Now;
        _timer.Change(TimeSpan.FromMilliseconds(Farewell), Timeout.InfiniteTimeSpan);
    }

    private async Task ReadAsync()
    {
        var buffer = new ReceiveBuffer();
        try
        {
            while (true)
            {
                var count = await _stream.ReadAsync(buffer.Room()).ConfigureAwait(false);
                if (count == 0)
                {
                    if (_session.State != SessionState.Closed) { _link.Note("the server closed the connection"); }
                    return;
                }

                buffer.Wrote(count);
                while (!Consume(buffer, count, out var goesOn))
                {
                    if (!goesOn) { return; }
                    count = 0;
                    await _link.ToRead.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (Dial.IsNetwork(e))
        {
            _link.Note($"the connection was lost: {Dial.Cause(e)}");
        }
        finally
        {
            buffer.Clear();
        }
    }

    /// <summary>Takes the packets that have come.</summary>
    /// <param name="buffer">What has come.</param>
    /// <param name="count">Bytes of it that are new.</param>
    /// <param name="goesOn">False: never again on this connection.</param>
    /// <returns>True: more may be read.</returns>
    private bool Consume(ReceiveBuffer buffer, int count, out bool goesOn)
    {
        bool isNew, delivers, writes;
        lock (_link.Gate)
        {
            var now = _link.Now;
            isNew = _session.State == SessionState.Connecting;
            _session.Counters.BytesIn += count;
            _session.Heard(now);
            _link.Delivery.Hear();
            _pause = Pause.None;
            goesOn = !_isAbandoned;
            while (goesOn && Next(buffer, now, ref goesOn)) { }
            _link.Answer();
            delivers = _session.Inbox.Waiting > 0;
            writes = _output.Count > 0;
            isNew &= _session.State == SessionState.Connected;
        }

        if (isNew) { Tick(); }
        if (delivers) { _link.ToDeliver.Raise(); }
        _link.Raise(writes, reads: false);
        return goesOn && _pause == Pause.None;
    }

    /// <summary>Takes a packet.</summary>
    /// <returns>False: none is there, or it has to wait, or the connection ends.</returns>
    private bool Next(ReceiveBuffer buffer, long now, ref bool goesOn)
    {
        if (_session is { State: SessionState.Connected, Inbox.IsFull: true })
        {
            _pause = Pause.Credit;
            return false;
        }

        var state = PacketReader.Next(buffer.Unread, _session.Options.MaximumPacketBytes, out var frame, out var consumed, out var fault);
        if (state == FrameState.More || (state == FrameState.Whole && HasToWait(frame, now))) { return false; }
        if (state == FrameState.Fault || !_session.Receive(frame, _output, now, out fault))
        {
            _link.Note(fault.Text);
            Close(fault.Reason);
            goesOn = false;
            return false;
        }

        buffer.Consume(consumed);
        return goesOn = _session.ServerReason is null;
    }

    /// <summary>True for a message that there is no credit for, or no room.</summary>
    private bool HasToWait(in Frame frame, long now)
    {
        if (frame.Type != PacketType.Publish) { return false; }
        if ((frame.Flags & 6) != 0)
        {
            if (!_session.Inbox.IsOverdrawn) { return false; }
            _pause = Pause.Credit;
            return true;
        }

        if (!_session.Inbox.IsCrowded)
        {
            _crowdedSince = -1;
            return false;
        }

        if (_crowdedSince < 0)
        {
            _crowdedSince = now;
            _timer.Change(TimeSpan.FromMilliseconds(Grace), Timeout.InfiniteTimeSpan);
        }

        _pause = Pause.Room;
        return true;
    }

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
                            HalfClose(_stream);
                            return;
                        }
                    }

                    await WriteAsync(bytes).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (Dial.IsNetwork(e))
        {
            Abandon();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, Piece)];
            Volatile.Write(ref _writingSince, _link.Now);
            await _stream.WriteAsync(piece).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, -1);
            bytes = bytes[piece.Length..];
            lock (_link.Gate)
            {
                _session.Counters.BytesOut += piece.Length;
                _session.Sent(_link.Now);
                if (bytes.IsEmpty) { _session.Pump(_output, _link.Now); }
            }
        }
    }

    private void Tick()
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
                due = _closedSince + Farewell;
                abandons = now >= due;
            }
            else if (!_session.Tick(_output, now, _pause != Pause.Credit, out due, out var fault))
            {
                _link.Note(fault.Text);
                Close(fault.Reason);
                due = now + Farewell;
            }
            else if (Volatile.Read(ref _writingSince) is >= 0 and var since && now - since >= _session.Options.ReplyDeadline)
            {
                _link.Note("expected the server to take bytes in time, it did not");
                abandons = true;
            }
            else if (_session.Inbox.Refused >= _session.Options.Capacity && !_session.Inbox.IsEnding)
            {
                _link.Note("all credit is held by refused messages: connecting again, so that they come again");
                Close(MqttReason.Success);
            }
            else if (_pause == Pause.Room)
            {
                reads = now >= _crowdedSince + Grace;
                if (reads) { _session.Inbox.Drop(); }
                else { due = Math.Min(due, _crowdedSince + Grace); }
            }

            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(due - now, 1)), Timeout.InfiniteTimeSpan);
        }

        if (abandons) { Abandon(); }
        if (reads) { _link.ToRead.Raise(); }
        _link.ToWrite.Raise();
    }

    /// <summary>Ends the connection without a goodbye, for a reader that waits for credit, too.</summary>
    private void Abandon()
    {
        lock (_link.Gate) { _isAbandoned = true; }
        _stream.Dispose();
        _link.ToRead.Raise();
    }

    private static void HalfClose(Stream stream)
    {
        // A plain close while bytes are unread resets the connection, and the peer may lose what was sent last.
        if (stream is NetworkStream { Socket.Connected: true } plain) { plain.Socket.Shutdown(SocketShutdown.Send); }
    }
}
