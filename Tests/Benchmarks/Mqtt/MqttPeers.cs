namespace Benchmarks;

/// <summary>The peers of the suite, and the server that only sends or takes; each is a script beside the benchmarks.</summary>
internal static class MqttPeers
{
    private const string JsVersion = "5.16.0";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Mqtt", "peers");

    /// <summary>The other end, in a process of its own, so that its processor time is not ours.</summary>
    internal static Peer Source { get; } = new("source", () => Peers.Python("json", Path.Combine(Folder, "source.py")));

    /// <summary>mosquitto_sub and mosquitto_pub.</summary>
    internal static Peer Mosquitto { get; } = new("mosquitto_sub", () => Peers.Python("json", Path.Combine(Folder, "sub_peer.py")));

    /// <summary>paho-mqtt, as Debian has it.</summary>
    internal static Peer Paho { get; } = new("paho", () => Peers.Python("paho", Path.Combine(Folder, "paho_peer.py")));

    /// <summary>MQTT.js, fetched when it is asked for first.</summary>
    internal static Peer Js { get; } = new("mqtt.js", () => NodePeer.Of("mqtt", JsVersion, Path.Combine(Folder, "mqttjs_peer.js")));
}
