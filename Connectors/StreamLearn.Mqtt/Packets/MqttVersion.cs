namespace StreamLearn.Mqtt;

/// <summary>Protocol versions, numbered as in CONNECT.</summary>
public enum MqttVersion
{
    /// <summary>MQTT 3.1.1. Source: OASIS Standard, 29 October 2014.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0. Source: OASIS Standard, 7 March 2019.</summary>
    V5 = 5,
}
