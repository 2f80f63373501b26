namespace StreamLearn.Mqtt;

/// <summary>The message that the server publishes when a connection ends without DISCONNECT.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Payload">The bytes, at most 65,535.</param>
public sealed record MqttWill(Topic Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The QoS, 0 to 2; default 1.</summary>
    public int Qos { get; init; } = 1;

    /// <summary>True: retained for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>How long the server waits for a reconnect before it publishes; MQTT 5 only. Default 0.</summary>
    public TimeSpan Delay { get; init; }
}
