using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>
/// What a message costs the client: received from a server that only sends (<c>raw</c>, processor time) and through mosquitto
/// (<c>broker</c>, rate), published to a server that only takes, passed on by a broker, how many a pipeline
/// publishes over a long line, and what a thousand connections cost.
/// </summary>
internal sealed class MqttSuite : Suite
{
    private const int Repeats = 5, Connections = 1000, Window = 64;

    /// <summary>Peers, and how much slower than ours each may be, roughly: so many times fewer messages fill its repeat.</summary>
    private static readonly (Peer Peer, int Slower)[] All = [(MqttPeers.Mosquitto, 4), (MqttPeers.Paho, 20), (MqttPeers.Js, 8)];
    private static readonly MqttLoad[] Loads = [new(64, 0), new(64, 1), new(4096, 0), new(4096, 1)];
    internal override string Name => "mqtt";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. Loads.Select(Receive),
        .. Loads.Select(ThroughBroker),
        .. Loads.Select(Publish),
        .. Loads.Where(static l => l.Qos == 1).Select(Broker),
        new("pipeline.publish.64.q1", "msg/s", new("streamlearn", () => PublishingRun.Measure(Window)),
            new Contender("one at a time", () => PublishingRun.Measure(1)),
            new Contender("limit of the line", () => PublishingRun.Limit(Window)))
        {
            Repeats = Repeats, HigherIsBetter = true,
        },
        new($"connections.{Connections}", "s", new("streamlearn", () => MqttRun.Connect(Connections)), JsConnections())
        {
            Repeats = Repeats,
        },
    ];

    private static Case Receive(MqttLoad load) => new($"receive.{load.Bytes}.q{load.Qos}.raw", "µs cpu",
        new("streamlearn", () => MqttRun.Receive(load)),
        [.. All.Select(p => new Contender(p.Peer.Name,
            () => Received(p.Peer, MqttServers.Sending(load), load, load.Count(p.Slower), static (_, _) => { }, false))
        {
            Look = p.Peer.Missing,
        })])
    {
        Repeats = Repeats,
    };

    private static Case ThroughBroker(MqttLoad load) => new($"receive.{load.Bytes}.q{load.Qos}.broker", "kmsg/s",
        new("streamlearn", () => MqttRun.ReceiveThroughBroker(load)),
        [.. All.Select(p => new Contender(p.Peer.Name,
            () => Received(p.Peer, MqttServers.Broker.Port, load, load.Count(20), MqttServers.Feed, true))
        {
            Look = p.Peer.Missing,
        })])
    {
        Repeats = Repeats,
        HigherIsBetter = true,
    };

    private static Case Publish(MqttLoad load) => new($"publish.{load.Bytes}.q{load.Qos}", "µs cpu",
        new("streamlearn", () => MqttRun.Publish(load)),
        [.. All.Select(p => new Contender(p.Peer.Name, () => Published(p.Peer, load, load.Count(2 * p.Slower))) { Look = p.Peer.Missing })])
    {
        Repeats = Repeats,
    };

    private static Case Broker(MqttLoad load) => new($"broker.{load.Bytes}.q{load.Qos}", "kmsg/s",
        new("embedded", () => BrokerRun.Embedded(load)), new Contender("mosquitto", () => BrokerRun.Mosquitto(load)))
    {
        Repeats = Repeats,
        HigherIsBetter = true,
    };

    private static Contender JsConnections() => new(MqttPeers.Js.Name, () =>
    {
        var answer = MqttPeers.Js.Ask($"connections {MqttServers.Broker.Port} {Connections}");
        return new((double)answer["wall"]!, double.NaN, double.NaN)
        {
            Details = new Dictionary<string, double> { ["resident_kib_each"] = (double)answer["bytes"]! / 1024 },
        };
    })
    {
        Look = MqttPeers.Js.Missing,
    };

    private static Sample Received(Peer peer, int port, MqttLoad load, int count, Action<MqttLoad, int> feed, bool byClock)
    {
        peer.Ask($"receive {port} {load.Qos} {count}");         // it is subscribed, or about to be
        feed(load, count);
        return Of(peer.Answer(), count, byClock);
    }

    private static Sample Published(Peer peer, MqttLoad load, int count) =>
        Of(peer.Ask($"publish {MqttServers.Taking(load)} {load.Qos} {load.Bytes} {count}"), count, byClock: false);

    private static Sample Of(JsonObject answer, int count, bool byClock)
    {
        var (cpu, rate) = (1e6 * (double)answer["cpu"]! / count, count / (double)answer["wall"]! / 1e3);
        return new(byClock ? rate : cpu, cpu, double.NaN)
        {
            Details = new Dictionary<string, double> { ["cpu_us"] = cpu, ["kmsg_per_s"] = rate },
        };
    }
}
