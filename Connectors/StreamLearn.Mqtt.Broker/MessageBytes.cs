using System.Text;
using MQTTnet;
using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

internal static class MessageBytes
{
    /// <summary>Returns the memory in bytes of a queued message and its objects.</summary>
    internal static long Kept(string topic, long payload, List<MqttUserProperty>? properties) =>
        payload + topic.Length + 128 + (properties?.Sum(static p => 64L + (2 * p.Name.Length) + p.ValueBuffer.Length) ?? 0);

    /// <summary>Bytes as an MQTT 5 packet at QoS 1 without subscription identifiers. Source: MQTT 5.0, section 3.3.</summary>
    internal static long OfPacket(MqttApplicationMessage message)
    {
        var properties = (message.PayloadFormatIndicator == MqttPayloadFormatIndicator.Unspecified ? 0 : 2)
            + (message.MessageExpiryInterval == 0 ? 0 : 5) + Text(message.ContentType) + Text(message.ResponseTopic)
            + (message.CorrelationData is { Length: > 0 and var length } ? 3L + length : 0)
            + (message.UserProperties?.Sum(static p => 5L + Encoding.UTF8.GetByteCount(p.Name) + p.ValueBuffer.Length) ?? 0);
        var rest = 2 + Encoding.UTF8.GetByteCount(message.Topic) + 2 + Number(properties) + properties + message.Payload.Length;
        return 1 + Number(rest) + rest;
    }

    private static long Text(string? text) => string.IsNullOrEmpty(text) ? 0 : 3 + Encoding.UTF8.GetByteCount(text);

    private static int Number(long value) => value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}
