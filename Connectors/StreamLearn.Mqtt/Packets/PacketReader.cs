using System.Text.Unicode;

namespace StreamLearn.Mqtt;

/// <summary>Reads packets without allocation or state. Malformed packets and protocol errors within one packet are faults; nothing throws.
/// Headers were checked by <see cref="PacketCutter"/>.</summary>
internal static class PacketReader
{
    internal static bool TryRead(
        in Frame frame, MqttVersion version, out PublishPacket packet, out MqttFault fault, Sender sender = Sender.Server)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type != PacketType.Publish) { cursor.Fail(PacketFaults.OtherType); }
        var qos = (byte)((frame.Flags >> 1) & 3);
        var topic = cursor.Binary();
        var id = qos == 0 ? (ushort)0 : cursor.PacketId();
        PropertyValues properties = default;
        if (version == MqttVersion.V5)
        {
            properties.Read(ref cursor, sender == Sender.Server ? PropertySets.PublishOfServer : PropertySets.PublishOfClient);
        }

        var isText = properties.Number(PropertyId.PayloadFormatIndicator) == 1;
        var payload = cursor.TakeRest();
        if (!PacketText.IsPlainTopic(topic)) { cursor.FailIf(TopicFault(topic, properties)); }
        cursor.FailIf(ResponseFault(properties));
        if (isText && !Utf8.IsValid(payload)) { cursor.Fail(PacketFaults.NotText); }
        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new()
        {
            Topic = topic,
            Payload = payload,
            PacketId = id,
            Qos = qos,
            Retain = (frame.Flags & 1) != 0,
            Duplicate = (frame.Flags & 8) != 0,
            TopicAlias = (ushort)properties.Number(PropertyId.TopicAlias),
            IsText = isText,
            ExpirySeconds = properties.NumberOrNull(PropertyId.MessageExpiryInterval),
            ResponseTopic = properties.Text(PropertyId.ResponseTopic),
            CorrelationData = properties.Text(PropertyId.CorrelationData),
            ContentType = properties.Text(PropertyId.ContentType),
            Properties = new(properties.Bytes),
        };
        return isSound;
    }

    /// <summary>PUBACK, PUBREC, PUBREL, PUBCOMP; UNSUBACK of 3.1.1.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out AckPacket packet, out MqttFault fault)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type is not ((>= PacketType.PubAck and <= PacketType.PubComp) or PacketType.UnsubAck)
            || (frame.Type == PacketType.UnsubAck && version == MqttVersion.V5))
        {
            cursor.Fail(PacketFaults.OtherType);
        }

        var id = cursor.PacketId();
        var reason = version == MqttVersion.V5 && cursor.Left > 0 ? (MqttReason)cursor.Byte() : MqttReason.Success;
        if (frame.Type != PacketType.UnsubAck && !PacketReasons.IsOf(frame.Type, Sender.Server, reason)) { cursor.Fail(PacketFaults.Code); }
        PropertyValues properties = default;
        if (version == MqttVersion.V5 && cursor.Left > 0) { properties.Read(ref cursor, PropertySets.Common); }
        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new() { PacketId = id, Reason = reason, ReasonText = properties.Text(PropertyId.ReasonString) };
        return isSound;
    }

    /// <summary>SUBACK, UNSUBACK; 3.1.1's UNSUBACK has no codes.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out SubAckPacket packet, out MqttFault fault)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type is not (PacketType.SubAck or PacketType.UnsubAck)) { cursor.Fail(PacketFaults.OtherType); }
        var id = cursor.PacketId();
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, PropertySets.Common); }
        var hasCodes = version == MqttVersion.V5 || frame.Type == PacketType.SubAck;
        var reasons = hasCodes ? cursor.TakeRest() : default;
        if (hasCodes && reasons.IsEmpty) { cursor.Fail(PacketFaults.NoCodes); }
        foreach (var code in reasons)
        {
            var isOf = version == MqttVersion.V5 ? PacketReasons.IsOf(frame.Type, Sender.Server, (MqttReason)code) : code is <= 2 or 0x80;
            if (!isOf) { cursor.Fail(PacketFaults.Code); }
        }

        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new() { PacketId = id, Reasons = reasons, ReasonText = properties.Text(PropertyId.ReasonString) };
        return isSound;
    }

    /// <summary>CONNACK, also in 3.1.1 form: servers without 5.0 refuse so.</summary>
    internal static bool TryRead(in Frame frame, MqttVersion version, out ConnAckPacket packet, out MqttFault fault)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type != PacketType.ConnAck) { cursor.Fail(PacketFaults.OtherType); }
        if (version == MqttVersion.V5 && frame.Body is [0, 1]) { version = MqttVersion.V311; }
        var flags = cursor.Byte();
        if (flags > 1) { cursor.Fail(PacketFaults.ConnAckFlags); }
        var code = cursor.Byte();
        var reason = version == MqttVersion.V5 ? (MqttReason)code : PacketReasons.OfReturnCode(code);
        if (reason is null || !PacketReasons.IsOf(PacketType.ConnAck, Sender.Server, reason.Value)) { cursor.Fail(PacketFaults.Code); }
        if (flags == 1 && code != 0) { cursor.Fail(PacketFaults.SessionOfRefusal); }
        PropertyValues properties = default;
        if (version == MqttVersion.V5) { properties.Read(ref cursor, PropertySets.ConnAck); }
        if (LacksMethod(properties)) { cursor.Fail(PacketFaults.DataWithoutMethod); }
        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new()
        {
            SessionPresent = flags == 1,
            Reason = reason.GetValueOrDefault(),
            ReceiveMaximum = (ushort)properties.Number(PropertyId.ReceiveMaximum, ushort.MaxValue),
            MaximumQos = (byte)properties.Number(PropertyId.MaximumQos, 2),
            RetainAvailable = properties.Number(PropertyId.RetainAvailable, 1) == 1,
            MaximumPacketSize = properties.Number(PropertyId.MaximumPacketSize, uint.MaxValue),
            TopicAliasMaximum = (ushort)properties.Number(PropertyId.TopicAliasMaximum),
            WildcardsAvailable = properties.Number(PropertyId.WildcardSubscriptionAvailable, 1) == 1,
            SharedSubscriptionsAvailable = properties.Number(PropertyId.SharedSubscriptionAvailable, 1) == 1,
            SubscriptionIdentifiersAvailable = properties.Number(PropertyId.SubscriptionIdentifierAvailable, 1) == 1,
            SessionExpirySeconds = properties.NumberOrNull(PropertyId.SessionExpiryInterval),
            ServerKeepAliveSeconds = (ushort?)properties.NumberOrNull(PropertyId.ServerKeepAlive),
            AssignedClientId = properties.Text(PropertyId.AssignedClientIdentifier),
            ReasonText = properties.Text(PropertyId.ReasonString),
            ServerReference = properties.Text(PropertyId.ServerReference),
            ResponseInformation = properties.Text(PropertyId.ResponseInformation),
            AuthenticationMethod = properties.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = properties.Text(PropertyId.AuthenticationData),
        };
        return isSound;
    }

    /// <summary>DISCONNECT, AUTH.</summary>
    internal static bool TryRead(
        in Frame frame, MqttVersion version, out ReasonPacket packet, out MqttFault fault, Sender sender = Sender.Server)
    {
        var cursor = new PacketCursor(frame.Body);
        if (frame.Type is not (PacketType.Disconnect or PacketType.Auth)) { cursor.Fail(PacketFaults.OtherType); }
        var isAuth = frame.Type == PacketType.Auth;
        if (version == MqttVersion.V311 && (isAuth || sender == Sender.Server)) { cursor.Fail(PacketFaults.NotInVersion); }
        var isLong = version == MqttVersion.V5 && cursor.Left > 0;
        var reason = isLong ? (MqttReason)cursor.Byte() : MqttReason.Success;
        if (!PacketReasons.IsOf(frame.Type, sender, reason)) { cursor.Fail(PacketFaults.Code); }
        PropertyValues properties = default;
        if (isLong && (isAuth || cursor.Left > 0)) { properties.Read(ref cursor, isAuth ? PropertySets.Auth : PropertySets.Disconnect); }
        if (isAuth && isLong && !properties.Has(PropertyId.AuthenticationMethod)) { cursor.Fail(PacketFaults.NoMethod); }
        if (sender == Sender.Server && properties.Has(PropertyId.SessionExpiryInterval)) { cursor.Fail(PacketFaults.ExpiryOfServer); }
        if (sender == Sender.Client && properties.Has(PropertyId.ServerReference)) { cursor.Fail(PacketFaults.ReferenceOfClient); }
        var isSound = cursor.End(out fault);
        packet = !isSound ? default : new()
        {
            Reason = reason,
            ReasonText = properties.Text(PropertyId.ReasonString),
            ServerReference = properties.Text(PropertyId.ServerReference),
            SessionExpirySeconds = properties.NumberOrNull(PropertyId.SessionExpiryInterval),
            AuthenticationMethod = properties.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = properties.Text(PropertyId.AuthenticationData),
        };
        return isSound;
    }

    internal static bool LacksMethod(in PropertyValues properties) =>
        properties.Has(PropertyId.AuthenticationData) && !properties.Has(PropertyId.AuthenticationMethod);

    private static MqttFault? TopicFault(ReadOnlySpan<byte> topic, in PropertyValues properties) =>
        !topic.IsEmpty ? PacketText.TopicFault(topic) : properties.Has(PropertyId.TopicAlias) ? null : PacketFaults.EmptyTopic;

    internal static MqttFault? ResponseFault(in PropertyValues properties)
    {
        if (!properties.Has(PropertyId.ResponseTopic)) { return null; }
        var topic = properties.Text(PropertyId.ResponseTopic);
        return topic.IsEmpty ? PacketFaults.EmptyTopic : PacketText.TopicFault(topic);
    }
}
