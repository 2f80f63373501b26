namespace StreamLearn.Mqtt;

/// <summary>Settings of an <see cref="MqttNetTransport"/>; those of the connection belong to the client.</summary>
public sealed record MqttNetOptions
{
    /// <summary>The transport's name. Default <c>mqttnet</c>.</summary>
    public string Name { get; init; } = "mqttnet";

    /// <summary>QoS of subscriptions, 0 or 1. Default 1.</summary>
    public int SubscribeQos { get; init; } = 1;

    /// <summary>QoS of publications, 0 or 1. Default 1.</summary>
    public int PublishQos { get; init; } = 1;

    /// <summary>Maximum number of unconfirmed publications, 1 to 65,535. If the server allows fewer, the rest waits. The application's own
    /// publications count toward the server's limit. Default 256.</summary>
    public int PublishInFlight { get; init; } = 256;
}
