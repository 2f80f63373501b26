namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttNetTransport"/>; those of the connection are the client's own.</summary>
public sealed record MqttNetOptions
{
    /// <summary>The name by which nodes compare and print the transport. Default <c>mqttnet</c>.</summary>
    public string Name { get; init; } = "mqttnet";

    /// <summary>QoS of what is subscribed to, 0 or 1. Default 1.</summary>
    public int SubscribeQos { get; init; } = 1;

    /// <summary>QoS of what is published, 0 or 1. Default 1.</summary>
    public int PublishQos { get; init; } = 1;

    /// <summary>Messages that may be published and not yet confirmed, 1 to 65,535; of what the server allows less, the rest waits. What
    /// the application publishes by itself counts against the server's number, too. Default 256.</summary>
    public int PublishInFlight { get; init; } = 256;
}
