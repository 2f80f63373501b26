namespace StreamLearn.Mqtt;

/// <summary>Why a connection must end, without payload bytes or secrets.</summary>
internal readonly record struct MqttFault(MqttReason Reason, string Text);
