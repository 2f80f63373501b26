using MQTTnet;
using MQTTnet.Exceptions;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Mqtt;

namespace Architecture.Tests;

/// <summary>C# of the page of StreamLearn.Mqtt.MQTTnet, so that it is compiled.</summary>
internal static class MqttNetPageExamples
{
    internal static async Task LineAsync(CancellationToken stop)
    {
        using var client = new MqttClientFactory().CreateMqttClient();      // the application's own
        await using var server = new MqttNetTransport(client);
        var rows = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.x", Unit.StandardGravity)] });

        var pipeline = Pipeline.Define("line-2", p => p
            .Subscribe(server, "plant/+/+/vibration", rows)
            .Publish(server, "line-2/checked", rows));

        await using var run = pipeline.Start(null, stop);                   // subscribes: before the client connects
        await await Task.WhenAny(run.Completion, KeepConnectedAsync(client, stop));      // a pipeline that fails ends it
    }

    internal static async Task KeepConnectedAsync(IMqttClient client, CancellationToken stop)
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("broker")
            .WithClientId("line-2").WithCleanSession(false).WithSessionExpiryInterval(86_400)       // the session lasts a day
            .WithReceiveMaximum(64)                                         // messages that pipelines hold at most
            .Build();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!client.IsConnected) { await client.ConnectAsync(options, CancellationToken.None); }
            }
            catch (MqttCommunicationException e)
            {
                Console.Error.WriteLine(e.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        }
    }
}
