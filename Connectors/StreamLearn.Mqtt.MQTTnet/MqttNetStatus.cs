namespace StreamLearn.Mqtt;

/// <summary>What an <see cref="MqttNetTransport"/> is doing, at one moment; counts go on over connections. It prints as one line.</summary>
/// <param name="IsConnected">True while the client is connected. The application connects it; the transport waits.</param>
/// <param name="Connects">Connections since the transport was made.</param>
/// <param name="Published">Messages published and confirmed; at QoS 0, written.</param>
/// <param name="WithoutSubscriber">Those of them that the server had no subscriber for; MQTT 5 at QoS 1.</param>
/// <param name="SentAgain">Messages sent again, because a connection ended before the server confirmed them.</param>
/// <param name="InFlight">Messages sent and not confirmed.</param>
/// <param name="Waiting">Messages that wait to be sent.</param>
/// <param name="Received">Messages taken.</param>
/// <param name="Redeliveries">Those of them that the server had sent before.</param>
/// <param name="Held">Messages taken that pipelines are not done with.</param>
/// <param name="Left">Messages of QoS 1 that were not acknowledged: a pipeline refused them, their subscription or connection had ended, or
/// too many were held. A session that is kept brings them again over its next connection.</param>
/// <param name="Dropped">Messages of QoS 0 beyond the capacity or on a connection that ended, and what waited for nobody.</param>
/// <param name="Malformed">Messages with texts that no server may send; dropped.</param>
/// <param name="LastFault">Why the last connection ended or could not be made, or a request failed; empty: nothing did.</param>
public sealed record MqttNetStatus(
    bool IsConnected, long Connects, long Published, long WithoutSubscriber, long SentAgain, int InFlight, int Waiting, long Received,
    long Redeliveries, long Held, long Left, long Dropped, long Malformed, string LastFault);
