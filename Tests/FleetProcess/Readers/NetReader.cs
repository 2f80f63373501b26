using MQTTnet;
using MQTTnet.Formatter;
using StreamLearn.Mqtt;
using StreamLearn.Testing;

namespace FleetProcess;

/// <summary>Reads numbers over a client of MQTTnet and writes each down before it confirms it: made to be killed.</summary>
internal static class NetReader
{
    internal static async Task RunAsync(Uri server, MqttVersion version, string filter, string path, long saysAfter)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await using var transport = new MqttNetTransport(client);
        var messages = transport.SubscribeAsync(filter, new(), CancellationToken.None);
        var options = ClientOwner.Options(server, "reader", version == MqttVersion.V5);
        _ = ClientOwner.KeepConnectedAsync(client, options, CancellationToken.None);
        using var ledger = new Ledger(path);
        var read = 0L;
        await foreach (var message in messages)
        {
            ledger.Write(NumberedMessages.NumberOf(message));
            message.Acknowledge();
            message.Dispose();
            if (++read == saysAfter) { Console.WriteLine("enough"); }
        }
    }
}

/// <summary>An application that owns a client of MQTTnet, with a session that is kept.</summary>
public static class ClientOwner
{
    public static MqttClientOptions Options(Uri server, string id, bool isV5 = true) => new MqttClientOptionsBuilder()
        .WithTcpServer(server.Host, server.Port)
        .WithProtocolVersion(isV5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
        .WithClientId(id)
        .WithCleanSession(false)
        .WithSessionExpiryInterval(isV5 ? 3600u : 0)
        .Build();

    public static async Task KeepConnectedAsync(IMqttClient client, MqttClientOptions options, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!client.IsConnected) { await client.ConnectAsync(options, CancellationToken.None); }
            }
            catch (Exception)
            {
                // it tries again
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
