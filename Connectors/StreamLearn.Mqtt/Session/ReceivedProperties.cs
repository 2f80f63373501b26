using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Mqtt;

internal static class ReceivedProperties
{
    internal static MessageProperties? Of(in PublishPacket packet)
    {
        if (packet.Properties.Bytes.IsEmpty) { return null; }
        var user = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(0);
        foreach (var pair in packet.Properties) { user.Add(new(Encoding.UTF8.GetString(pair.Name), Encoding.UTF8.GetString(pair.Value))); }

        if (user.Count == 0 && packet is { CorrelationData.IsEmpty: true, ResponseTopic.IsEmpty: true, ContentType.IsEmpty: true })
        {
            return null;
        }

        return new()
        {
            User = user.DrainToImmutable(),
            CorrelationData = packet.CorrelationData.ToArray(),
            ResponseTopic = packet.ResponseTopic.IsEmpty ? null : Encoding.UTF8.GetString(packet.ResponseTopic),
            ContentType = packet.ContentType.IsEmpty ? null : Encoding.UTF8.GetString(packet.ContentType),
        };
    }
}
