namespace StreamLearn.Mqtt.Tests;

/// <summary>One session on a clock that a test moves, and what it has written.</summary>
internal sealed class SessionProbe
{
    private readonly OutputBuffer _output = new();
    private readonly ArrayBufferWriter<byte> _input = new();
    private readonly Stack<Publication> _pool = [];

    internal SessionProbe(SessionOptions? options = null)
    {
        Session = new(options ?? new() { ClientId = "c", KeepAlive = 8000, ReplyDeadline = 5000, Capacity = 4 });
        Version = Session.Options.Version;
    }

    internal Session Session { get; }
    internal long Now { get; set; }
    internal MqttFault Fault { get; private set; }
    private MqttVersion Version { get; }

    /// <summary>Connects; what was written so far is gone.</summary>
    internal SessionProbe Connected(
        bool present = false, ushort receiveMaximum = 65_535, ushort aliases = 0, uint packetBytes = uint.MaxValue,
        byte qos = 2, bool retains = true, ushort? keepAlive = null, bool wildcards = true, bool shared = true)
    {
        if (Session.State != SessionState.Away) { Lose(); }
        Session.Connect(_output, credentials: null, Now);
        _output.Take();
        Assert.True(Feed(output => ServerPackets.ConnAck(output, Version, new()
        {
            SessionPresent = present,
            ReceiveMaximum = receiveMaximum,
            MaximumQos = qos,
            RetainAvailable = retains,
            MaximumPacketSize = packetBytes,
            TopicAliasMaximum = aliases,
            WildcardsAvailable = wildcards,
            SharedSubscriptionsAvailable = shared,
            SubscriptionIdentifiersAvailable = true,
            ServerKeepAliveSeconds = keepAlive,
        })), Fault.Text);
        return this;
    }

    internal void End()
    {
        Session.Ended(Now);
        Lose();
    }

    internal void Lose()
    {
        Session.Lost();
        _output.Take();
    }

    internal bool Feed(Action<IBufferWriter<byte>> write)
    {
        _input.ResetWrittenCount();
        write(_input);
        var bytes = _input.WrittenSpan;
        while (!bytes.IsEmpty)
        {
            Assert.Equal(FrameState.Whole, PacketCutter.Next(bytes, 1 << 20, out var frame, out var consumed, out _));
            if (!Session.Receive(frame, _output, Now, out var fault))
            {
                Fault = fault;
                return false;
            }
            bytes = bytes[consumed..];
        }
        return true;
    }

    internal bool Message(int id, byte qos = 1, bool duplicate = false, string topic = "a", ushort alias = 0, string payload = "p") =>
        Feed(output => PacketWriter.Publish(output, Version, new()
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = new(Encoding.UTF8.GetBytes(payload)),
            Qos = qos,
            TopicAlias = alias,
        }, (ushort)id, duplicate));

    internal bool Ack(PacketType type, int id, MqttReason reason = MqttReason.Success) =>
        Feed(output => PacketWriter.Ack(output, Version, type, (ushort)id, reason));

    internal Task Publish(string payload, int qos = 1, bool retain = false, string topic = "t", CancellationToken cancellation = default)
    {
        var publication = Publication.Rent(_pool);
        publication.Fill(topic, new(Encoding.UTF8.GetBytes(payload)), new(qos, retain), cancellation);
        var done = publication.Done.AsTask();
        Session.Publish(publication, _output, Now);
        return done;
    }

    internal long Take()
    {
        Assert.True(Session.Inbox.TryTake(out var message));
        return message.Id;
    }

    internal void Acknowledge(long id)
    {
        Session.Inbox.Release(id);
        Session.Inbox.Acknowledge(id, _output);
    }

    internal void Refuse(long id)
    {
        Session.Inbox.Release(id);
        Session.Inbox.Refuse(id, _output);
    }

    internal void Subscribe(string filter) => Session.Subscribe(new(filter, 1), _output, Now);
    internal void Unsubscribe(string filter) => Session.Unsubscribe(filter, _output, Now);
    internal void Disconnect(MqttReason reason) => Session.Disconnect(_output, reason);

    internal bool Tick(long now, bool isReading = true)
    {
        Now = now;
        var goesOn = Session.Tick(_output, now, isReading, out var due, out var fault);
        if (goesOn) { Assert.True(due > now, $"expected to be called after {now}, got {due}"); }
        else { Fault = fault; }
        return goesOn;
    }

    /// <summary>What was written since the last call: <c>PubAck 7</c>, <c>Publish 1 dup</c>, <c>PingReq</c>.</summary>
    internal string Sent() => string.Join(", ", Packets().Select(Text));

    internal List<SentPacket> Packets()
    {
        var packets = new List<SentPacket>();
        var bytes = _output.Take().Span;
        while (!bytes.IsEmpty)
        {
            Assert.Equal(FrameState.Whole, PacketCutter.Next(bytes, 1 << 20, out var frame, out var consumed, out _));
            packets.Add(new(frame.Type, frame.Flags, frame.Body.ToArray()));
            bytes = bytes[consumed..];
        }
        if (packets.Count > 0) { Session.Sent(Now, isMoreLeft: false); }
        return packets;
    }

    private string Text(SentPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.Publish:
                var frame = new Frame(packet.Type, packet.Flags, packet.Body);
                Assert.True(PacketReader.TryRead(frame, Version, out PublishPacket message, out var fault, Sender.Client), fault.Text);
                var topic = message.TopicAlias == 0 ? "" : $" alias {message.TopicAlias} '{Encoding.UTF8.GetString(message.Topic)}'";
                return $"Publish {Encoding.UTF8.GetString(message.Payload)} as {message.PacketId}"
                    + $"{(message.Duplicate ? " again" : "")}{topic}";
            case PacketType.PingReq:
                return "PingReq";
            case PacketType.Disconnect:
                return $"Disconnect {packet.EndReason}";
            default:
                return $"{packet.Type} {packet.PacketId}{(packet.AckReason == 0 || packet.Body.Length > 4 ? "" : $" {packet.AckReason}")}";
        }
    }
}
