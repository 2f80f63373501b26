namespace StreamLearn.Mqtt;

internal sealed class TopicAliases(SessionOptions options)
{
    private const int Bytes = 5;    // the property and the growth of the two length fields

    private readonly Dictionary<string, ushort> _aliases = new(StringComparer.Ordinal);
    private ServerLimits _limits = ServerLimits.None;

    internal void Begin(in ServerLimits limits)
    {
        _limits = limits;
        _aliases.Clear();
    }

    internal OutgoingPublish Applied(in OutgoingPublish packet, string topic)
    {
        var most = _limits.MaximumPacketBytes;
        if (most < uint.MaxValue && PacketWriter.Size(options.Version, packet) > most - Bytes) { return packet; }
        var (alias, isNew) = Of(topic);
        return alias == 0 ? packet : packet with { Topic = isNew ? packet.Topic : default, TopicAlias = alias };
    }

    internal (ushort Alias, bool IsNew) Of(string topic)
    {
        if (_limits.TopicAliasMaximum == 0) { return default; }
        if (_aliases.TryGetValue(topic, out var alias)) { return (alias, false); }
        if (_aliases.Count >= Math.Min(_limits.TopicAliasMaximum, options.TopicAliasMaximum)) { return default; }
        _aliases[topic] = alias = (ushort)(_aliases.Count + 1);
        return (alias, true);
    }
}
