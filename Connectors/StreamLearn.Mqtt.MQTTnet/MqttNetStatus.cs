namespace StreamLearn.Mqtt;

/// <summary>The status of an <see cref="MqttNetTransport"/>, printed as one line. Counts include all connections.</summary>
/// <param name="IsConnected">True while the client, which the application connects, is connected.</param>
/// <param name="Connects">Connections since creation.</param>
/// <param name="Published">Messages published and confirmed; at QoS 0, written.</param>
/// <param name="WithoutSubscriber">Published messages without a subscriber; MQTT 5 at QoS 1.</param>
/// <param name="SentAgain">Messages resent after a connection ended before confirmation.</param>
/// <param name="InFlight">Number of messages sent but not confirmed.</param>
/// <param name="Waiting">Number of messages not sent yet.</param>
/// <param name="Received">Received messages.</param>
/// <param name="Redeliveries">Received messages that the server had sent before.</param>
/// <param name="Held">Messages not yet settled by pipelines.</param>
/// <param name="Left">Unacknowledged QoS 1 messages: refused, their subscription or connection ended, or too many held. A kept session
/// redelivers them on its next connection.</param>
/// <param name="Dropped">QoS 0 messages beyond the capacity or of an ended connection, and messages without a reader.</param>
/// <param name="Malformed">Messages with forbidden texts; dropped.</param>
/// <param name="LastFault">The last connection or request failure; empty: none.</param>
public sealed record MqttNetStatus(
    bool IsConnected, long Connects, long Published, long WithoutSubscriber, long SentAgain, int InFlight, int Waiting, long Received,
    long Redeliveries, long Held, long Left, long Dropped, long Malformed, string LastFault);
