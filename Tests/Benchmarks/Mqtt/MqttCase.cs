namespace Benchmarks;

/// <summary>Messages of one size and QoS.</summary>
internal sealed record MqttLoad(int Bytes, int Qos)
{
    /// <summary>How often a contender's repeat is shorter than the fastest's, so that all take about a second.</summary>
    internal int Count(int slower) => Math.Max(20_000, (Bytes < 1024 ? 3_000_000 : 600_000) / slower);
}

/// <summary>Servers that live as long as the program.</summary>
internal static class MqttServers
{
    private static readonly Lazy<Mosquitto> Started = new(Start);
    private static int _subscriptions;

    /// <summary>The real broker.</summary>
    /// <exception cref="BenchmarkException">It is not installed.</exception>
    internal static Mosquitto Broker =>
        Mosquitto.Program.Path is null ? throw new BenchmarkException("mosquitto is not installed") : Started.Value;

    /// <summary>The port of a server that sends such messages as fast as it can.</summary>
    internal static int Sending(MqttLoad load) => (int)Source.Ask($"send {load.Bytes} {load.Qos}")["port"]!;

    /// <summary>The port of a server that takes all that is published.</summary>
    internal static int Taking(MqttLoad load) => (int)Source.Ask($"take {load.Qos}")["port"]!;

    /// <summary>Waits for one more subscription, and publishes through the broker.</summary>
    internal static void Feed(MqttLoad load, int count)
    {
        _subscriptions++;
        while (Broker.Log.Split("bench/a").Length - 1 < _subscriptions) { Thread.Sleep(1); }
        Source.Ask($"feed {Broker.Port} {load.Bytes} {count}");
    }

    private static Peer Source => MqttPeers.Source.Missing() is { } reason ? throw new BenchmarkException(reason) : MqttPeers.Source;

    private static Mosquitto Start()
    {
        var options = new MosquittoOptions { InFlight = 1000, More = ["log_type subscribe", "max_connections -1"] };
        var broker = Mosquitto.StartAsync(options).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => broker.DisposeAsync().AsTask().GetAwaiter().GetResult();     // it would outlive us
        return broker;
    }
}
