namespace StreamLearn.Mqtt;

/// <summary>Why a connection has to end. It holds no bytes of a payload and no secrets.</summary>
internal readonly record struct MqttFault(MqttReason Reason, string Text);
