using MQTTnet;
using MQTTnet.Protocol;
using StreamLearn.Mqtt;

namespace Benchmarks;

/// <summary>A client of MQTTnet as a program uses it, by itself and under the transport over it.</summary>
internal static class MqttNetRun
{
    private const int Capacity = 1024, Writers = 64;
    private static readonly Topic Topic = new("bench/a");
    internal static MqttClientOptions Options(int port) => new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build();

    /// <summary>Processor time of a message from a server that only sends.</summary>
    internal static Sample Receive(MqttLoad load)
    {
        var (port, count) = (MqttServers.Sending(load), load.Count(8));
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            var (read, done) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            client.ApplicationMessageReceivedAsync += _ =>
            {
                read++;
                if (read == count / 10) { meter.Settle(); }
                if (read != count) { return Task.CompletedTask; }
                meter.Last();
                done.SetResult();
                return Task.CompletedTask;
            };
            await client.ConnectAsync(Options(port));
            await client.SubscribeAsync(Topic.Value, (MqttQualityOfServiceLevel)load.Qos);
            await done.Task;
        }
    }

    /// <summary>The same by the transport over such a client.</summary>
    internal static Sample ReceiveByTransport(MqttLoad load)
    {
        var (port, count) = (MqttServers.Sending(load), load.Count(16));
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            await using var transport = new MqttNetTransport(client, new() { SubscribeQos = load.Qos });
            await client.ConnectAsync(Options(port));
            // at QoS 0 nothing holds the server back, and what is dropped is not read
            await meter.ReadAsync(transport, Topic, new() { Capacity = load.Qos == 0 ? ushort.MaxValue : Capacity }, count);
        }
    }

    /// <summary>Processor time of a message that is published.</summary>
    internal static Sample Publish(MqttLoad load)
    {
        var (payload, message) = (new byte[load.Bytes], (MqttQualityOfServiceLevel)load.Qos);
        return Published(load, load.Count(16), (client, _) =>
            client.PublishAsync(new() { Topic = Topic.Value, Payload = new(payload), QualityOfServiceLevel = message }));
    }

    /// <summary>The same by the transport over such a client.</summary>
    internal static Sample PublishByTransport(MqttLoad load)
    {
        var payload = new ReadOnlySequence<byte>(new byte[load.Bytes]);
        return Published(load, load.Count(16), (_, transport) =>
            transport.PublishAsync(Topic, payload, new(new("bench", 0)), CancellationToken.None).AsTask());
    }

    private static Sample Published(MqttLoad load, int count, Func<IMqttClient, MqttNetTransport, Task> publish)
    {
        var (port, published) = (MqttServers.Taking(load), 0);
        var meter = Meter.Start();
        Run().GetAwaiter().GetResult();
        return meter.Stop(count, byClock: false);

        async Task Run()
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            await using var transport = new MqttNetTransport(client, new() { PublishQos = load.Qos });
            await client.ConnectAsync(Options(port));
            await Task.WhenAll(Enumerable.Range(0, load.Qos == 0 ? 1 : Writers).Select(_ => WriteAsync(client, transport)));
        }

        async Task WriteAsync(IMqttClient client, MqttNetTransport transport)
        {
            while (Interlocked.Increment(ref published) is var number && number < count)
            {
                if (number == count / 10) { meter.Settle(); }
                await publish(client, transport);
            }
        }
    }
}
