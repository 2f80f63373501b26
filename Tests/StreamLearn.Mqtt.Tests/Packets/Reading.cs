namespace StreamLearn.Mqtt.Tests;

/// <summary>Reads whatever stands at the beginning of some bytes, and says it in words, so that two readings can be compared.</summary>
internal static class Reading
{
    internal const int MaximumBytes = 1 << 20;

    /// <summary>
    /// "more", "fault Reason: text", or the packet with all that is not the default: <c>PUBLISH 'a/b' qos=1 id=7 payload='x'</c>.
    /// </summary>
    internal static string Of(ReadOnlySpan<byte> bytes, MqttVersion version, Sender sender = Sender.Server)
    {
        var state = PacketCutter.Next(bytes, MaximumBytes, out var frame, out _, out var fault);
        if (state == FrameState.More) { return "more"; }
        var text = state == FrameState.Whole ? Read(frame, version, sender, out fault) : null;
        return text ?? $"fault {fault.Reason}: {fault.Text}";
    }

    /// <summary>True if there is a packet and nothing is wrong with it; says nothing, allocates nothing for what a server sends.</summary>
    internal static bool IsSound(
        ReadOnlySpan<byte> bytes, MqttVersion version, Sender sender, List<FilterRequest> filters, out int consumed, out MqttFault fault)
    {
        if (PacketCutter.Next(bytes, MaximumBytes, out var frame, out consumed, out fault) != FrameState.Whole) { return false; }
        switch (frame.Type)
        {
            case PacketType.Connect: return RequestReader.TryRead(frame, out ConnectPacket _, out fault);
            case PacketType.ConnAck: return PacketReader.TryRead(frame, version, out ConnAckPacket _, out fault);
            case PacketType.Publish:
                return PacketReader.TryRead(frame, version, out PublishPacket publish, out fault, sender) && Count(publish) >= 0;
            case PacketType.Subscribe or PacketType.Unsubscribe: return RequestReader.TryRead(frame, version, out _, filters, out fault);
            case PacketType.SubAck or PacketType.UnsubAck: return PacketReader.TryRead(frame, version, out SubAckPacket _, out fault);
            case PacketType.PingReq or PacketType.PingResp: return true;
            case PacketType.Disconnect or PacketType.Auth:
                return PacketReader.TryRead(frame, version, out ReasonPacket _, out fault, sender);
            default: return PacketReader.TryRead(frame, version, out AckPacket _, out fault);
        }
    }

    private static int Count(in PublishPacket publish)
    {
        var count = 0;
        foreach (var pair in publish.Properties) { count += pair.Name.Length + pair.Value.Length; }
        return count;
    }

    private static string? Read(in Frame frame, MqttVersion version, Sender sender, out MqttFault fault)
    {
        fault = default;
        var name = frame.Type.ToString().ToUpperInvariant();
        switch (frame.Type)
        {
            case PacketType.Connect: return RequestReader.TryRead(frame, out ConnectPacket connect, out fault) ? Say(connect) : null;
            case PacketType.ConnAck: return PacketReader.TryRead(frame, version, out ConnAckPacket ack, out fault) ? Say(ack) : null;
            case PacketType.Publish:
                return PacketReader.TryRead(frame, version, out PublishPacket publish, out fault, sender) ? Say(publish) : null;
            case PacketType.Subscribe or PacketType.Unsubscribe:
                var filters = new List<FilterRequest>();
                return RequestReader.TryRead(frame, version, out var id, filters, out fault)
                    ? $"{name} id={id} {string.Join(' ', filters.Select(Say))}" : null;
            case PacketType.SubAck or PacketType.UnsubAck:
                return PacketReader.TryRead(frame, version, out SubAckPacket sub, out fault)
                    ? $"{name} id={sub.PacketId} [{Convert.ToHexString(sub.Reasons)}]{Text("text", sub.ReasonText)}" : null;
            case PacketType.PingReq or PacketType.PingResp: return name;
            case PacketType.Disconnect or PacketType.Auth:
                return PacketReader.TryRead(frame, version, out ReasonPacket reason, out fault, sender) ? $"{name}{Say(reason)}" : null;
            default:
                return PacketReader.TryRead(frame, version, out AckPacket done, out fault)
                    ? $"{name} id={done.PacketId} {done.Reason}{Text("text", done.ReasonText)}" : null;
        }
    }

    private static string Say(in PublishPacket packet)
    {
        var text = new StringBuilder("PUBLISH").Append(Text("topic", packet.Topic));
        text.Append(Number("qos", packet.Qos, 0)).Append(Number("id", packet.PacketId, 0));
        text.Append(packet.Retain ? " retain" : "").Append(packet.Duplicate ? " dup" : "").Append(packet.IsText ? " text" : "");
        text.Append(Number("alias", packet.TopicAlias, 0)).Append(Number("expiry", packet.ExpirySeconds, null));
        text.Append(Text("response", packet.ResponseTopic)).Append(Text("correlation", packet.CorrelationData));
        text.Append(Text("content", packet.ContentType));
        foreach (var pair in packet.Properties) { text.Append(Text("user", pair.Name)).Append(Text("is", pair.Value)); }
        return text.Append(Text("payload", packet.Payload)).ToString();
    }

    private static string Say(in ConnAckPacket packet) => $"CONNACK{(packet.SessionPresent ? " present" : "")} {packet.Reason}"
        + Number("receive", packet.ReceiveMaximum, 65535) + Number("qos", packet.MaximumQos, 2)
        + (packet.RetainAvailable ? "" : " no-retain")
        + Number("size", packet.MaximumPacketSize, uint.MaxValue) + Number("aliases", packet.TopicAliasMaximum, 0)
        + (packet.WildcardsAvailable ? "" : " no-wildcards") + (packet.SharedSubscriptionsAvailable ? "" : " no-shared")
        + (packet.SubscriptionIdentifiersAvailable ? "" : " no-identifiers") + Number("expiry", packet.SessionExpirySeconds, null)
        + Number("keep-alive", packet.ServerKeepAliveSeconds, null) + Text("client", packet.AssignedClientId)
        + Text("text", packet.ReasonText)
        + Text("server", packet.ServerReference) + Text("information", packet.ResponseInformation)
        + Text("method", packet.AuthenticationMethod) + Text("data", packet.AuthenticationData);

    private static string Say(in ReasonPacket packet) => $" {packet.Reason}" + Text("text", packet.ReasonText)
        + Text("server", packet.ServerReference) + Number("expiry", packet.SessionExpirySeconds, null)
        + Text("method", packet.AuthenticationMethod) + Text("data", packet.AuthenticationData);

    private static string Say(in ConnectPacket packet) => $"CONNECT {packet.Version} '{packet.ClientId}'"
        + (packet.CleanStart ? " clean" : "")
        + Number("keep-alive", packet.KeepAliveSeconds, 0) + (packet.UserName is { } user ? $" user='{user}'" : "")
        + (packet.HasPassword ? $" password='{Encoding.UTF8.GetString(packet.Password)}'" : "")
        + Number("expiry", packet.SessionExpirySeconds, 0) + Number("receive", packet.ReceiveMaximum, 65535)
        + Number("size", packet.MaximumPacketSize, uint.MaxValue) + Number("aliases", packet.TopicAliasMaximum, 0)
        + (packet.Will is { } will ? Say(will) : "");

    private static string Say(MqttWill will) => $" will='{will.Topic}' qos={will.Qos}{(will.Retain ? " retain" : "")}"
        + $" delay={will.Delay.TotalSeconds}{Text("payload", will.Payload.Span)}";

    private static string Say(FilterRequest filter) => $"'{filter.Filter}'{Number("qos", filter.Qos, 0)}"
        + (filter.NoLocal ? " no-local" : "") + (filter.RetainAsPublished ? "" : " clear-retain")
        + Number("handling", filter.RetainHandling, 0);

    private static string Text(string name, ReadOnlySpan<byte> value) => value.IsEmpty ? "" : $" {name}='{Encoding.UTF8.GetString(value)}'";

    private static string Number(string name, uint? value, uint? absent) =>
        value == absent ? "" : string.Create(CultureInfo.InvariantCulture, $" {name}={value}");
}
