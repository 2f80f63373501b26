using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt.Tests;

/// <summary>C# of the page of StreamLearn.Mqtt.Broker, so that it is compiled.</summary>
internal static class BrokerReadmeExamples
{
    internal static async Task StartAsync()
    {
        await using var broker = await MqttBroker.StartAsync(new());                // 127.0.0.1:1883; others connect to broker.Uri
        Console.WriteLine(broker.Status);
    }

    internal static async Task StartGuardedAsync(byte[] password)
    {
        await using var broker = await MqttBroker.StartAsync(new()
        {
            Listen = new(IPAddress.Any, 8883),
            Certificate = X509Certificate2.CreateFromPemFile("server.crt", "server.key"),
            Logins = [new("pump-1", password) { Publish = ["sl/plant/pump-1/up/#"], Subscribe = ["sl/plant/aggregator/down/pump-1/#"] }],
        });
    }
}
