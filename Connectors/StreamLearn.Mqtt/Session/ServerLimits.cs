namespace StreamLearn.Mqtt;

internal readonly record struct ServerLimits(
    int ReceiveMaximum, byte MaximumQos, bool RetainAvailable, long MaximumPacketBytes, ushort TopicAliasMaximum, bool Wildcards = true,
    bool SharedSubscriptions = true)
{
    internal static ServerLimits None { get; } = new(65_535, 2, true, uint.MaxValue, 0);

    internal TransportException? Refusal(MqttVersion version, in OutgoingPublish message)
    {
        if (message.Qos > MaximumQos)
        {
            return new($"expected a server that supports QoS {message.Qos}, got at most {MaximumQos}", isTransient: false);
        }

        if (message.Retain && !RetainAvailable) { return new("the server does not support retained messages", isTransient: false); }
        var size = PacketWriter.Size(version, message);
        var most = Math.Min(MaximumPacketBytes, PacketWriter.LargestPacket);
        return size > most ? new($"expected a packet of at most {most} bytes, the server's limit, got {size}", isTransient: false) : null;
    }
}
