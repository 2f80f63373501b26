using System.Net.Sockets;

namespace StreamLearn.Mqtt;

/// <summary>The reader of a connection; it pauses without credit or space.</summary>
internal sealed class Receiver(Link link, ConnectionLoop loop, Connection connection, TimeProvider time)
{
    private const long Grace = 50;                  // milliseconds for which QoS 0 messages wait for space before they are dropped
    private const int Large = 64 * 1024;            // a read of this size is efficient enough
    private const int MinPart = 1024;             // minimum bytes of a packet per keep-alive
    private readonly Session _session = link.Session;
    private readonly ReceiveBuffer _buffer = new();
    private readonly long _start = time.GetTimestamp();
    private ReadPace _pace;
    private long _crowdedSince = -1;
    private int _unanswered;
    private ReadPause _pause;
    private OversizedMessage _oversized;

    /// <summary>True if the reason for a pause is gone. Use it while holding the lock.</summary>
    internal bool CanContinue => _pause switch
    {
        ReadPause.Credit => _session.Inbox is { IsFull: false, IsOverdrawn: false },
        ReadPause.Space => _session.Inbox.HasSpace,
        _ => false,
    };

    /// <summary>Call it while holding the lock.</summary>
    internal bool WaitsForCredit => _pause == ReadPause.Credit;

    /// <summary>When waiting QoS 0 messages are dropped; null: none. Use it while holding the lock.</summary>
    internal long? SpaceDue => _pause == ReadPause.Space ? _crowdedSince + Grace : null;

    /// <summary>Call it while holding the lock.</summary>
    internal bool IsAbandoned { get; set; }

    internal async Task RunAsync()
    {
        try
        {
            if (connection.Socket is { } socket) { await ReadThreads.Run(() => ReadHere(socket)).ConfigureAwait(false); }
            else { await ReadAsync().ConfigureAwait(false); }
        }
        catch (Exception e) when (Dialer.IsNetwork(e))
        {
            lock (link.Gate)
            {
                if (IsAbandoned) { return; }        // the reason is already known
                link.Faults.Broken(e);
                if (Dialer.IsOfPeer(e)) { _session.Ended(link.Now); }
            }
        }
        finally { _buffer.Clear(); }
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var count = await connection.Stream.ReadAsync(_buffer.Room()).ConfigureAwait(false);
            if (!Came(count)) { return; }
            while (!Take(count, out var goesOn))
            {
                if (!goesOn) { return; }
                count = 0;
                await link.ToRead.WaitAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads on its own thread.</summary>
    private void ReadHere(Socket socket)
    {
        while (true)
        {
            if (_pace.Wait > 0) { ReadThreads.Wait(socket, _pace.Wait); }
            var room = _buffer.Room().Span;
            var count = ReadThreads.Receive(socket, room);
            if (!Came(count)) { return; }
            var (filled, before) = (count == room.Length || count >= Large, _session.Counters.Received);
            while (!Take(count, out var goesOn))
            {
                if (!goesOn) { return; }
                count = 0;
                link.ToRead.Wait();
            }

            _pace.Read((int)(_session.Counters.Received - before), filled, (long)time.GetElapsedTime(_start).TotalMicroseconds);
        }
    }

    private bool Came(int count)
    {
        _buffer.Wrote(count);
        if (count > 0) { return true; }
        lock (link.Gate)
        {
            if (!IsAbandoned && _session.State != SessionState.Closed) { link.Faults.Closed(); }
            _session.Ended(link.Now);
        }

        return false;
    }

    private bool Take(int count, out bool goesOn)
    {
        bool isNew, delivers, writes;
        long connects;
        lock (link.Gate)
        {
            var now = link.Now;
            (isNew, connects) = (_session.State == SessionState.Connecting, _session.Counters.Connects);
            _session.Counters.BytesIn += count;
            link.Delivery.ApplySettlements();
            if (_pause == ReadPause.Space && _session.Inbox.HasSpace) { _crowdedSince = -1; }
            _pause = ReadPause.None;
            goesOn = !IsAbandoned;
            var unread = _buffer.Unread.Length;
            while (goesOn && Next(now, ref goesOn)) { }
            // messages prove the subscription; its answer may follow messages that wait for a publication
            if (_pause == ReadPause.Credit) { link.StopAwaiting(); }
            Heard(count, _buffer.Unread.Length < unread, now);
            link.Answer();
            delivers = _session.Inbox.Waiting > 0;
            writes = link.Output.Count > 0;
            isNew &= _session.State == SessionState.Connected;
            if (_session.Counters.Connects > connects) { link.Connected(); }
        }

        if (isNew) { loop.Tick(); }
        if (delivers) { link.ToDeliver.RaiseWithoutSpin(); }
        link.Raise(writes, reads: false);
        return goesOn && _pause == ReadPause.None;
    }

    /// <summary>Records received bytes. Whole packets, or progress in a large one, show a live server; single bytes do not.</summary>
    private void Heard(int count, bool isPacket, long now)
    {
        _unanswered += count;
        if (!isPacket && _unanswered < MinPart) { return; }
        _unanswered = 0;
        _session.Heard(now);
    }

    private bool Next(long now, ref bool goesOn)
    {
        if (_oversized.IsUnderWay) { return PassOver(ref goesOn); }
        if (_session is { State: SessionState.Connected, Inbox.IsFull: true })
        {
            _pause = ReadPause.Credit;
            return false;
        }

        var state = PacketCutter.Next(_buffer.Unread, _session.Options.MaximumPacketBytes, out var frame, out var consumed, out var fault);
        if (state == FrameState.More || (state == FrameState.Whole && HasToWait(frame, now))) { return false; }
        if (state == FrameState.Fault && fault.Reason == MqttReason.PacketTooLarge
            && !OversizedMessage.IsFault(_buffer.Unread, _session.Options.Version))
        {
            state = OversizedMessage.Begin(_buffer.Unread, out _oversized, out fault);
            if (state != FrameState.Fault) { return state == FrameState.Whole && PassOver(ref goesOn); }
        }

        if (state == FrameState.Fault || !_session.Receive(frame, link.Output, now, out fault)) { return End(fault, ref goesOn); }

        _buffer.Consume(consumed);
        return goesOn = _session.ServerReason is null;
    }

    private bool PassOver(ref bool goesOn)
    {
        _buffer.Consume(_oversized.PassOver(_buffer.Unread.Length));
        if (_oversized.IsUnderWay) { return false; }
        return _session.PassOver(_oversized, link.Output, out var fault) || End(fault, ref goesOn);
    }

    private bool End(MqttFault fault, ref bool goesOn)
    {
        link.Faults.Record(link.Faults.Foreign(_buffer.Unread) ?? fault.Text);
        loop.Close(fault.Reason);
        return goesOn = false;
    }

    private bool HasToWait(in Frame frame, long now)
    {
        if (frame.Type != PacketType.Publish) { return false; }
        if ((frame.Flags & 6) != 0)
        {
            if (!_session.Inbox.IsOverdrawn) { return false; }
            _pause = ReadPause.Credit;
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
            loop.TickWithin(Grace);
        }

        _pause = ReadPause.Space;
        return true;
    }
}
