using static StreamLearn.Mqtt.MqttReason;

namespace StreamLearn.Mqtt;

/// <summary>What a server says as it refuses or ends a connection.</summary>
internal static class DisconnectReasons
{
    /// <summary>True if it will be said again whatever the client does.</summary>
    internal static bool AreForGood(MqttReason reason) =>
        reason is SessionTakenOver or ClientIdentifierNotValid or UnsupportedProtocolVersion or Banned or BadAuthenticationMethod;

    /// <summary>True if they are about the user, the password or the certificate.</summary>
    internal static bool AreOfLogin(MqttReason reason) => reason is BadUserNameOrPassword or NotAuthorized;

    /// <summary>True if they are about a subscription that was asked for.</summary>
    internal static bool AreOfSubscription(MqttReason reason) =>
        reason is SharedSubscriptionsNotSupported or WildcardSubscriptionsNotSupported or TopicFilterInvalid;

    /// <summary>True if they are about a packet that was sent.</summary>
    internal static bool AreOfPacket(MqttReason reason) => reason is UnspecifiedError or MalformedPacket or ProtocolError
        or ImplementationSpecificError or TopicNameInvalid or PacketTooLarge or PayloadFormatInvalid or RetainNotSupported
        or QosNotSupported;

    /// <summary>The words in a sentence. <paramref name="wasAccepted"/>: true if the server ever accepted a connection.</summary>
    internal static string Text(MqttReason reason, string place, bool wasAccepted) => wasAccepted
        ? $"the server ended the connection: {reason}"
        : $"{place} refused the connection: {reason}{(AreOfLogin(reason) ? " (user, password or certificate)" : "")}";
}
