namespace StreamLearn.Mqtt.Tests;

/// <summary>A server as the standard has it, that forgets nothing: one client publishes to it, another subscribes to all of it.</summary>
internal sealed class ModelServer(int window)
{
    private readonly HashSet<ushort> _recorded = [];
    private readonly List<InFlight> _inFlight = [];
    private readonly List<ushort> _owed = [];       // messages of this connection in their order, by who must answer next
    private int _next;
    private ushort _lastId;

    /// <summary>What was published, in the order in which it was taken over.</summary>
    internal List<(int Number, byte Qos)> Log { get; } = [];

    /// <summary>What is on the way to the publisher, and to the subscriber.</summary>
    internal Queue<Action<IBufferWriter<byte>>> ToPublisher { get; } = [];
    internal Queue<Action<IBufferWriter<byte>>> ToSubscriber { get; } = [];
    internal bool IsDone => _inFlight.Count == 0 && _next == Log.Count && _recorded.Count == 0;

    internal void FromPublisher(SentPacket packet)
    {
        if (packet.Type == PacketType.PubRel)
        {
            _recorded.Remove(packet.PacketId);
            Answer(ToPublisher, PacketType.PubComp, packet.PacketId);
            return;
        }
        var frame = new Frame(packet.Type, packet.Flags, packet.Body);
        Assert.True(PacketReader.TryRead(frame, MqttVersion.V5, out PublishPacket message, out var fault, Sender.Client), fault.Text);
        var number = int.Parse(Encoding.UTF8.GetString(message.Payload), CultureInfo.InvariantCulture);
        if (message.Qos == 1 || _recorded.Add(message.PacketId)) { Log.Add((number, message.Qos)); }
        Answer(ToPublisher, message.Qos == 1 ? PacketType.PubAck : PacketType.PubRec, message.PacketId);
        Send();
    }

    internal void FromSubscriber(SentPacket packet)
    {
        var known = _inFlight.Find(m => m.Id == packet.PacketId);
        Assert.NotNull(known);
        switch (packet.Type)
        {
            case PacketType.PubAck or PacketType.PubRec:
                Assert.Equal(known.Qos == 1 ? PacketType.PubAck : PacketType.PubRec, packet.Type);
                Assert.Equal(_owed[0], packet.PacketId);
                _owed.RemoveAt(0);
                if (known.Qos == 1) { _inFlight.Remove(known); }
                else
                {
                    known.IsRecorded = true;
                    Answer(ToSubscriber, PacketType.PubRel, known.Id);
                }

                break;
            default:
                Assert.Equal(PacketType.PubComp, packet.Type);
                Assert.True(known.IsRecorded);
                _inFlight.Remove(known);
                break;
        }
        Send();
    }

    /// <summary>The publisher's connection was lost with all that was on the way, and is there again.</summary>
    internal void PublisherIsBack() => ToPublisher.Clear();

    internal void SubscriberIsBack()
    {
        ToSubscriber.Clear();
        _owed.Clear();
        foreach (var message in _inFlight)
        {
            if (message.IsRecorded) { Answer(ToSubscriber, PacketType.PubRel, message.Id); }
            else { Publish(message, duplicate: true); }
        }
        Send();
    }

    private static void Answer(Queue<Action<IBufferWriter<byte>>> to, PacketType type, ushort id) =>
        to.Enqueue(output => PacketWriter.Ack(output, MqttVersion.V5, type, id));

    private void Send()
    {
        while (_inFlight.Count < window && _next < Log.Count)
        {
            do { _lastId = (ushort)((_lastId % 6) + 1); }
            while (_inFlight.Exists(m => m.Id == _lastId));
            var message = new InFlight(_lastId, Log[_next].Number, Log[_next].Qos);
            _next++;
            _inFlight.Add(message);
            Publish(message, duplicate: false);
        }
    }

    private void Publish(InFlight message, bool duplicate)
    {
        _owed.Add(message.Id);
        ToSubscriber.Enqueue(output => PacketWriter.Publish(output, MqttVersion.V5, new()
        {
            Topic = "t"u8,
            Payload = new(Encoding.UTF8.GetBytes(message.Number.ToString(CultureInfo.InvariantCulture))),
            Qos = message.Qos,
        }, message.Id, duplicate));
    }

    private sealed record InFlight(ushort Id, int Number, byte Qos)
    {
        internal bool IsRecorded { get; set; }
    }
}
