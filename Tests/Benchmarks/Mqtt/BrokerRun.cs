using System.Net;
using StreamLearn.Mqtt;

namespace Benchmarks;

/// <summary>Messages per second through a broker, published and read by our client in one process; the aggregator's broker is in it,
/// too.</summary>
internal static class BrokerRun
{
    private const int Capacity = 1024, Writers = 64;
    private static readonly Topic Topic = new("bench/rate");
    internal static Sample Embedded(MqttLoad load) => Run(load).GetAwaiter().GetResult();
    internal static Sample Mosquitto(MqttLoad load) => Measure(MqttServers.Broker.Uri, load).GetAwaiter().GetResult();

    private static async Task<Sample> Run(MqttLoad load)
    {
        var broker = await MqttBroker.StartAsync(new() { Listen = new(IPAddress.Loopback, 0) });
        await using var _ = broker;
        return await Measure(broker.Uri, load);
    }

    private static async Task<Sample> Measure(Uri server, MqttLoad load)
    {
        var (count, published) = (load.Count(40), -1);
        var payload = new ReadOnlySequence<byte>(new byte[load.Bytes]);
        var transport = new MqttTransport(new()
        {
            Server = server,
            CleanStart = true,
            PublishQos = load.Qos,
            SubscribeQos = load.Qos,
            PublishInFlight = 256,
        });
        await using var _ = transport;
        var messages = transport.SubscribeAsync(Topic, new() { Capacity = Capacity }, CancellationToken.None);
        await transport.PublishAsync(Topic, payload, new(new("bench", 0)), CancellationToken.None);       // once it is subscribed
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var writing = Task.WhenAll(Enumerable.Range(0, load.Qos == 0 ? 1 : Writers).Select(_ => WriteAsync()));
        var seen = 0;
        await foreach (var message in messages)
        {
            message.Acknowledge();
            message.Dispose();
            if (++seen > count) { break; }
        }
        var (seconds, used) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Environment.CpuUsage.TotalTime - cpu);
        await writing;
        return new(count / seconds / 1e3, used.TotalMicroseconds / count, double.NaN);

        async Task WriteAsync()
        {
            while (Interlocked.Increment(ref published) < count)
            {
                await transport.PublishAsync(Topic, payload, new(new("bench", 0)), CancellationToken.None);
            }
        }
    }
}
