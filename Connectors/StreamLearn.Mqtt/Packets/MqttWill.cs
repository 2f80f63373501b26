namespace StreamLearn.Mqtt;

/// <summary>What the server publishes when a connection ends without a goodbye.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">The bytes, at most 65,535.</param>
public sealed record MqttWill(Topic Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>0, 1 or 2; default 1.</summary>
    public int Qos { get; init; } = 1;

    /// <summary>Whether it is kept for later subscribers. Default false.</summary>
    public bool Retain { get; init; }

    /// <summary>How long the server waits for the client to come back before it publishes; MQTT 5 only. Default 0.</summary>
    public TimeSpan Delay { get; init; }
}
