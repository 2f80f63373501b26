using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Resolves topics by name, or by the aliases of this connection.</summary>
internal sealed class IncomingTopics(SessionOptions options)
{
    private readonly TopicNames _names = new(static bytes => new(Encoding.UTF8.GetString(bytes)));
    private readonly Topic[] _aliases = new Topic[options.TopicAliasMaximum + 1];

    /// <summary>Aliases end with the connection [MQTT-3.3.2-7].</summary>
    internal void Begin() => Array.Clear(_aliases);

    internal bool TryResolve(in PublishPacket message, out Topic topic, out MqttFault fault)
    {
        fault = default;
        topic = default;
        if (message.TopicAlias > options.TopicAliasMaximum)
        {
            fault = new(
                MqttReason.TopicAliasInvalid, $"expected an alias of at most {options.TopicAliasMaximum}, got {message.TopicAlias}");
            return false;
        }

        if (!message.Topic.IsEmpty)
        {
            topic = _names.Of(message.Topic);
            if (message.TopicAlias != 0) { _aliases[message.TopicAlias] = topic; }
            return true;
        }

        topic = _aliases[message.TopicAlias];
        if (topic.Value is not null) { return true; }
        fault = new(MqttReason.ProtocolError, $"expected an alias that was set before, got {message.TopicAlias}");
        return false;
    }
}
