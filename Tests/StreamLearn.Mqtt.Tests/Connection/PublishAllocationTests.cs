namespace StreamLearn.Mqtt.Tests;

/// <summary>What a message costs that is published in steady state.</summary>
public sealed class PublishAllocationTests
{
    [Fact]
    public async Task A_message_that_nobody_confirms_allocates_nothing()
    {
        await using var server = new ScriptedServer();
        await using var transport = new MqttTransport(new() { Server = server.Uri, ClientId = "c", PublishQos = 0 });
        var (topic, payload) = (new Topic("plain"), new ReadOnlySequence<byte>(new byte[64]));
        var first = transport.PublishAsync(topic, payload, default, Cancellation).AsTask();
        await using var connection = await server.AcceptAsync();
        await ScriptedServer.Patiently(first);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) { Assert.True(IsDone(transport.PublishAsync(topic, payload, default, CancellationToken.None))); }
        }));
    }

    private static bool IsDone(ValueTask published) => published.IsCompletedSuccessfully;
}
