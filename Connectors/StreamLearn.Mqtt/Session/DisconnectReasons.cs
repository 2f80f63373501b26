using static StreamLearn.Mqtt.MqttReason;

namespace StreamLearn.Mqtt;

internal static class DisconnectReasons
{
    internal static bool AreForGood(MqttReason reason) =>
        reason is SessionTakenOver or ClientIdentifierNotValid or UnsupportedProtocolVersion or Banned or BadAuthenticationMethod;

    internal static bool AreOfLogin(MqttReason reason) => reason is BadUserNameOrPassword or NotAuthorized;

    internal static bool AreOfSubscription(MqttReason reason) =>
        reason is SharedSubscriptionsNotSupported or WildcardSubscriptionsNotSupported or TopicFilterInvalid;

    internal static bool AreOfPacket(MqttReason reason) => reason is UnspecifiedError or MalformedPacket or ProtocolError
        or ImplementationSpecificError or TopicNameInvalid or PacketTooLarge or PayloadFormatInvalid or RetainNotSupported
        or QosNotSupported;

    /// <summary><paramref name="wasAccepted"/>: true if the server accepted a connection before.</summary>
    internal static string Text(MqttReason reason, string place, bool wasAccepted) => wasAccepted
        ? $"the server ended the connection: {reason}"
        : $"{place} refused the connection: {reason}{(AreOfLogin(reason) ? " (user, password or certificate)" : "")}";
}
