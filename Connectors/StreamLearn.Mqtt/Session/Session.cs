using System.Runtime.CompilerServices;

namespace StreamLearn.Mqtt;

/// <summary>A state machine without sockets or a clock. Callers hold a lock, pass the time in milliseconds, and send the output.</summary>
internal sealed class Session
{
    private readonly SessionOptions _options;
    private readonly IncomingTopics _topics;
    private readonly KeepAlive _times;
    private readonly Func<ushort, bool> _isTaken;
    private readonly Func<ushort> _nextId;
    private ushort _lastId = 0x8000;            // separate ranges for requests and messages

    internal Session(SessionOptions options)
    {
        _options = options;
        _topics = new(options);
        _times = new(options, Counters);
        Inbox = new(options, Counters);
        Outbox = new(options, Counters);
        Filters = new(options);
        _isTaken = id => Outbox.IsInUse(id) || Filters.IsInUse(id);
        _nextId = () =>
        {
            do { _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1); }
            while (_isTaken(_lastId));
            return _lastId;
        };
    }

    internal SessionState State { get; private set; }

    internal SessionCounters Counters { get; } = new();

    internal Inbox Inbox { get; }

    internal Outbox Outbox { get; }

    internal Filters Filters { get; }

    /// <summary>Why the server refused or disconnected; null if it did not.</summary>
    internal MqttReason? ServerReason { get; private set; }

    /// <summary>True if the server had the session at the last connection.</summary>
    internal bool IsKept { get; private set; }

    internal SessionOptions Options => _options;

    /// <summary><paramref name="since"/>: when connecting began; null: now.</summary>
    internal void Connect(OutputBuffer output, MqttCredentials? credentials, long now, long? since = null)
    {
        State = SessionState.Connecting;
        ServerReason = null;
        _times.Begin(now, since ?? now);
        _topics.Begin();
        PacketWriter.Connect(output, _options.Connect(credentials));
    }

    internal bool Receive(in Frame frame, OutputBuffer output, long now, out MqttFault fault)
    {
        if (State == SessionState.Connecting) { return Accept(frame, output, now, out fault); }
        if (State != SessionState.Connected)
        {
            fault = default;
            return true;                        // after a disconnect, packets no longer count
        }

        return frame.Type == PacketType.Publish ? ReceiveMessage(frame, output, out fault) : ReceiveOther(frame, output, now, out fault);
    }

    internal bool PassOver(in OversizedMessage message, OutputBuffer output, out MqttFault fault)
    {
        fault = default;
        return State != SessionState.Connected || Inbox.PassOver(message, output, out fault);
    }

    internal void Publish(Publication publication, OutputBuffer output, long now)
    {
        Outbox.Add(publication);
        Pump(output, now);
    }

    internal void Pump(OutputBuffer output, long now)
    {
        if (State == SessionState.Connected) { Outbox.Pump(output, _isTaken, now); }
    }

    internal void Subscribe(FilterRequest request, OutputBuffer output, long now)
    {
        Filters.Add(request);
        if (State == SessionState.Connected) { Filters.Pump(output, _nextId, now); }
    }

    internal void Unsubscribe(string filter, OutputBuffer output, long now)
    {
        Filters.Remove(filter);
        if (State == SessionState.Connected) { Filters.Pump(output, _nextId, now); }
    }

    internal void UnsubscribeAll(OutputBuffer output)
    {
        if (State == SessionState.Connected) { Filters.Leave(output, _nextId); }
    }

    /// <summary>Restarts reply deadlines. <paramref name="isMoreLeft"/>: true if more is unsent.</summary>
    internal void Sent(long now, bool isMoreLeft)
    {
        _times.Sent(now, isMoreLeft);
        if (isMoreLeft) { Outbox.Sending(now); }
    }

    internal void Heard(long now) => _times.Heard(now);

    /// <summary><paramref name="isReading"/>: false if no answer can arrive. <paramref name="due"/>: latest time of the next
    /// call.</summary>
    internal bool Tick(OutputBuffer output, long now, bool isReading, out long due, out MqttFault fault)
    {
        if (State == SessionState.Connecting) { return _times.Connecting(now, out due, out fault); }
        due = _times.Next(now);
        fault = default;
        if (State != SessionState.Connected) { return true; }
        return _times.Tick(output, now, isReading, ref due, out fault)
            && (!isReading
                || (_times.Owed(Outbox.OwedSince, "PUBACK, PUBREC or PUBCOMP", now, ref due, out fault)
                    && _times.Owed(Filters.OwedSince, "SUBACK", now, ref due, out fault)));
    }

    internal void Disconnect(OutputBuffer output, MqttReason reason, uint? sessionExpirySeconds = null)
    {
        if (State is SessionState.Connecting or SessionState.Connected
            && (_options.Version == MqttVersion.V5 || reason == MqttReason.Success))
        {
            PacketWriter.Disconnect(output, _options.Version, reason, sessionExpirySeconds);
        }

        State = SessionState.Closed;
        Inbox.Lost();                           // later acknowledgments are not sent [MQTT-3.14.4-1]
    }

    /// <summary>Called when the server disconnected, without a reason or because of a packet.</summary>
    internal void Ended(long now, bool isOfMessage = false)
    {
        if (State == SessionState.Connected) { Outbox.Ended(now, isOfMessage); }
    }

    internal void Lost()
    {
        State = SessionState.Away;
        Inbox.Lost();
        Outbox.Lost();
    }

    /// <summary>A separate method, because otherwise locals for other packets would be zeroed for each message.</summary>
    private bool ReceiveMessage(in Frame frame, OutputBuffer output, out MqttFault fault) =>
        PacketReader.TryRead(frame, _options.Version, out PublishPacket message, out fault)
        && _topics.TryResolve(message, out var topic, out fault)
        && Inbox.Receive(message, topic, output, out fault);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReceiveOther(in Frame frame, OutputBuffer output, long now, out MqttFault fault)
    {
        switch (frame.Type)
        {
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubComp:
                if (!PacketReader.TryRead(frame, _options.Version, out AckPacket answer, out fault)
                    || !Outbox.Answer(frame.Type, answer, output, now, out fault))
                {
                    return false;
                }

                Outbox.Pump(output, _isTaken, now);
                return true;
            case PacketType.PubRel:
                return PacketReader.TryRead(frame, _options.Version, out AckPacket release, out fault)
                    && Inbox.Finish(release.PacketId, output, out fault);
            case PacketType.SubAck or PacketType.UnsubAck:
                if (!PacketReader.TryRead(frame, _options.Version, out SubAckPacket granted, out fault)
                    || !Filters.Take(frame.Type, granted, now, out fault))
                {
                    return false;
                }

                Filters.Pump(output, _nextId, now);
                return true;
            case PacketType.PingResp:
                _times.Answered();
                fault = default;
                return true;
            case PacketType.Disconnect when _options.Version == MqttVersion.V5:
                if (!PacketReader.TryRead(frame, _options.Version, out ReasonPacket end, out fault)) { return false; }
                ServerReason = end.Reason;
                if (DisconnectReasons.AreOfPacket(end.Reason)) { Ended(now, isOfMessage: true); }
                State = SessionState.Closed;
                return true;
            default:
                fault = new(MqttReason.ProtocolError, $"expected a packet that a server may send now, got {frame.Type}");
                return false;
        }
    }

    private bool Accept(in Frame frame, OutputBuffer output, long now, out MqttFault fault)
    {
        if (frame.Type != PacketType.ConnAck)
        {
            fault = new(MqttReason.ProtocolError, $"expected CONNACK, got {frame.Type}");
            return false;
        }

        if (!PacketReader.TryRead(frame, _options.Version, out ConnAckPacket answer, out fault)) { return false; }
        if (answer.Reason != MqttReason.Success)
        {
            ServerReason = answer.Reason;
            State = SessionState.Closed;
            return true;
        }

        if (answer.FaultAfter(_options.CleanStart) is { } wrong)
        {
            fault = wrong;
            return false;
        }

        State = SessionState.Connected;
        Counters.Connects++;
        IsKept = answer.SessionPresent;
        if (answer.ServerKeepAliveSeconds is { } seconds and > 0) { _times.Set(seconds); }
        Inbox.Begin(answer.SessionPresent);
        var limits = new ServerLimits(answer.ReceiveMaximum, answer.MaximumQos, answer.RetainAvailable, answer.MaximumPacketSize,
            answer.TopicAliasMaximum, answer.WildcardsAvailable, answer.SharedSubscriptionsAvailable);
        Outbox.Begin(answer.SessionPresent, limits, now);
        Filters.Begin(answer.SessionPresent, limits);
        Filters.Pump(output, _nextId, now);
        Outbox.Pump(output, _isTaken, now);
        return true;
    }
}
