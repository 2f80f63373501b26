namespace StreamLearn.Mqtt;

/// <summary>Why a connection has to end. It holds no bytes of a payload and no secrets.</summary>
/// <param name="Reason">The code that is sent to the peer, where the version has one.</param>
/// <param name="Text">What was expected, what came, and where the standard says so: <c>[MQTT-3.3.1-4]</c>.</param>
internal readonly record struct MqttFault(MqttReason Reason, string Text);
