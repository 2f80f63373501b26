using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>What a message costs a client of NATS: received from a server that only sends, published to one that only takes, and the time
/// of a request through nats-server, beside a raw socket's through the same server. <c>nats.net</c> is the official client alone.</summary>
internal sealed class NatsSuite : Suite
{
    private const int Repeats = 5, Requests = 5000, Confirmed = 50_000;
    private const string JsVersion = "3.4.0";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Nats", "peers");

    private static readonly Peer Js = new("nats.js",
        () => NodePeer.Of(
            "@nats-io/transport-node", JsVersion, Path.Combine(Folder, "natsjs_peer.js"), "@nats-io/jetstream", "@nats-io/kv"));

    /// <summary>Debian's client in C; needs libnats-dev and gcc.</summary>
    private static readonly Peer C = new("libnats",
        () => Peers.Compiled(Path.Combine(Folder, "natsc"), Path.Combine(Folder, "natsc_peer.c"), "-DPEER", "-lnats"));

    /// <summary>The other end, in a process of its own, so that its processor time is not ours.</summary>
    private static readonly Peer Source = new("source", () => Peers.Python("json", Path.Combine(Folder, "nats_source.py")));
    internal override string Name => "nats";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. new[] { 64, 4096 }.Select(Receive), Publish(64), Publish(4096),
        new("request", "µs", new("nats.net", () => NatsRun.Request(Requests)),
            new Contender("raw socket", () => NatsRun.RequestRaw(Requests)),
            new Contender("nats.js", () => Of(1e6 * (double)Js.Ask($"request {NatsRun.Port} {Requests}")["p50"]!)) { Look = Js.Missing })
        {
            Repeats = Repeats,
        },
        new("kv", "µs", new("nats.net", () => NatsRun.KeyValue(Requests)),
            new Contender("nats.js", () => Of(1e6 * (double)Js.Ask($"kv {NatsRun.StreamsPort} {Requests}")["p50"]!)) { Look = Js.Missing })
        {
            Repeats = Repeats,
        },
        .. new[] { 64, 4096 }.Select(Pull),
        PublishKept(subjects: 1), PublishKept(subjects: 64),
    ];

    private static int Port(string words) =>
        Source.Missing() is { } reason ? throw new BenchmarkException(reason) : (int)Source.Ask(words)["port"]!;

    private static int Count(int bytes, int slower) => (bytes < 1024 ? 3_000_000 : 600_000) / slower;

    private static Case Receive(int bytes) => new($"receive.{bytes}", "µs cpu",
        new("streamlearn", () => NatsRun.Receive(Port($"send {bytes}"), Count(bytes, 2))),
        new Contender("nats.net", () => NatsRun.ReceiveRaw(Port($"send {bytes}"), Count(bytes, 2))),
        new Contender("libnats", () => Of(C.Ask($"receive {Port($"send {bytes}")} {Count(bytes, 2)}"), Count(bytes, 2)))
        {
            Look = C.Missing,
        },
        new Contender("nats.js", () => Of(Js.Ask($"receive {Port($"send {bytes}")} {Count(bytes, 4)}"), Count(bytes, 4)))
        {
            Look = Js.Missing,
        })
    {
        Repeats = Repeats,
    };

    private static Case Pull(int bytes) => new($"jetstream.pull.{bytes}", "µs cpu",
        new("streamlearn", () => NatsRun.Pull(bytes, Pulled(bytes))),
        new Contender("nats.net", () => NatsRun.PullRaw(bytes, Pulled(bytes))),
        new Contender("libnats",
            () => Of(C.Ask($"pull {NatsRun.Filled(bytes, Pulled(bytes))} BENCH{bytes} bench.{bytes} {Pulled(bytes)}"), Pulled(bytes)))
        {
            Look = C.Missing,
        },
        new Contender("nats.js",
            () => Of(Js.Ask($"pull {NatsRun.Filled(bytes, Pulled(bytes))} BENCH{bytes} {Pulled(bytes)}"), Pulled(bytes)))
        {
            Look = Js.Missing,
        })
    {
        Repeats = Repeats,
    };

    /// <summary>Messages that a stream confirms, 256 of them under way.</summary>
    private static Case PublishKept(int subjects) => new($"jetstream.publish.64.over.{subjects}", "µs cpu",
        new("streamlearn", () => NatsRun.PublishKept(64, Confirmed, subjects)))
    {
        Repeats = Repeats,
    };

    private static int Pulled(int bytes) => bytes < 1024 ? 400_000 : 100_000;

    private static Case Publish(int bytes) => new($"publish.{bytes}", "µs cpu",
        new("streamlearn", () => NatsRun.Publish(Port("take"), bytes, Count(bytes, 2))),
        new Contender("nats.net", () => NatsRun.PublishRaw(Port("take"), bytes, Count(bytes, 2))),
        new Contender("libnats", () => Of(C.Ask($"publish {Port("take")} {bytes} {Count(bytes, 1)}"), Count(bytes, 1)))
        {
            Look = C.Missing,
        },
        new Contender("nats.js", () => Of(Js.Ask($"publish {Port("take")} {bytes} {Count(bytes, 4)}"), Count(bytes, 4)))
        {
            Look = Js.Missing,
        })
    {
        Repeats = Repeats,
    };

    private static Sample Of(JsonObject answer, int count)
    {
        var (cpu, rate) = (1e6 * (double)answer["cpu"]! / count, count / (double)answer["wall"]! / 1e3);
        return new(cpu, cpu, double.NaN) { Details = new Dictionary<string, double> { ["cpu_us"] = cpu, ["kmsg_per_s"] = rate } };
    }

    private static Sample Of(double value) => new(value, double.NaN, double.NaN);
}
