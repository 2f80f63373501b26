using System.Buffers;
using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What a real server does not take.</summary>
[Trait("needs", "mosquitto")]
public sealed class LimitTests
{
    [Fact]
    public async Task A_message_over_the_servers_size_limit_fails_its_call_and_no_other()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["message_size_limit 10000"] });
        await using var transport = new MqttTransport(new() { Server = server.Uri });
        ValueTask Publish(int bytes, long sequence) => transport.PublishAsync(
            "plant/model", new ReadOnlySequence<byte>(new byte[bytes]), new(new("test", sequence)), TestContext.Current.CancellationToken);

        await Publish(9_000, 1);
        var refusal = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(Publish(11_000, 2).AsTask()));
        await ScriptedServer.Patiently(Publish(9_000, 3).AsTask());

        Assert.False(refusal.IsTransient);
        Assert.Contains("bytes to 'plant/model': PacketTooLarge", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(transport.Status.Publishing.Connects, 1, 2);         // it may close the connection, too
    }
}
