using StreamLearn.Mqtt;

namespace Benchmarks;

/// <summary>Ours: a transport as a program uses it, which takes each message, acknowledges it and gives its memory back.</summary>
internal static class MqttRun
{
    private const int Capacity = 1024, Writers = 64;
    private static readonly Topic Topic = new("bench/a");

    /// <summary>Processor time of a message from a server that only sends.</summary>
    internal static Sample Receive(MqttLoad load) =>
        Received(MqttServers.Sending(load), load, load.Count(1), static (_, _) => { }, byClock: false);

    /// <summary>Messages per second through a broker.</summary>
    internal static Sample ReceiveThroughBroker(MqttLoad load) =>
        Received(MqttServers.Broker.Port, load, load.Count(20), MqttServers.Feed, byClock: true);

    /// <summary>Processor time of a message that is published.</summary>
    internal static Sample Publish(MqttLoad load)
    {
        var (count, port) = (load.Count(2), MqttServers.Taking(load));
        var (payload, published) = (new ReadOnlySequence<byte>(new byte[load.Bytes]), 0);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            var transport = new MqttTransport(Options(port) with { PublishQos = load.Qos, PublishInFlight = 256 });
            await using var _ = transport;
            await transport.PublishAsync(Topic, payload, new(new("bench", 0)), CancellationToken.None);
            await Task.WhenAll(Enumerable.Range(0, load.Qos == 0 ? 1 : Writers).Select(_ => WriteAsync(transport)));
        }

        async Task WriteAsync(MqttTransport transport)
        {
            while (Interlocked.Increment(ref published) is var number && number < count)
            {
                if (number == count / 10) { meter.Settle(); }
                await transport.PublishAsync(Topic, payload, new(new("bench", number)), CancellationToken.None);
            }
        }
    }

    /// <summary>Seconds until so many connections of one process are subscribed, and what each keeps.</summary>
    internal static Sample Connect(int count)
    {
        var retained = new Topic("bench/retained");
        return Run().GetAwaiter().GetResult();

        async Task<Sample> Run()
        {
            await using var writer = new MqttTransport(Options(MqttServers.Broker.Port));
            await writer.PublishAsync(retained, new(new byte[1]), new(new("bench", 0), Retain: true), CancellationToken.None);
            await using var transport = new MqttTransport(Options(MqttServers.Broker.Port));
            using var end = new CancellationTokenSource();
            var left = new CountdownEvent(count);
            var (heap, resident) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
            var start = Stopwatch.GetTimestamp();
            var reading = Enumerable.Range(0, count).Select(_ => Task.Run(() => ReadAsync(transport, left, end.Token))).ToArray();
            await Task.Run(left.Wait);
            var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var sample = new Sample(took, took, double.NaN)
            {
                Details = new Dictionary<string, double>
                {
                    ["heap_kib_each"] = (GC.GetTotalMemory(forceFullCollection: true) - heap) / 1024.0 / count,
                    ["resident_kib_each"] = (Environment.WorkingSet - resident) / 1024.0 / count,
                },
            };
            await end.CancelAsync();
            await Task.WhenAll(reading);
            return sample;
        }

        async Task ReadAsync(MqttTransport transport, CountdownEvent left, CancellationToken end)
        {
            var isFirst = true;
            await foreach (var message in transport.SubscribeAsync(retained, new(), end))
            {
                message.Acknowledge();
                message.Dispose();
                if (isFirst) { left.Signal(); }
                isFirst = false;
            }
        }
    }

    private static MqttOptions Options(int port) => new() { Server = new($"mqtt://127.0.0.1:{port}"), CleanStart = true };

    private static Sample Received(int port, MqttLoad load, int count, Action<MqttLoad, int> feed, bool byClock)
    {
        var meter = Meter.Start();
        var reading = Task.Run(Run);
        feed(load, count);
        reading.GetAwaiter().GetResult();
        return meter.Stop(count, byClock);

        async Task Run()
        {
            var transport = new MqttTransport(Options(port) with { SubscribeQos = load.Qos });
            await using var _ = transport;
            await meter.ReadAsync(transport, Topic, new() { Capacity = Capacity }, count);
        }
    }
}
